// The functions of the module, file by file.
#pragma once
#include "call.h"

namespace convx::bindings {

Functions adaptive_pooling_functions();
Functions columns_functions();
Functions conv_functions();
Functions conv_transpose_functions();
Functions elementwise_functions();
Functions filter_functions();
Functions gradients_functions();
Functions image_functions();
Functions matrix_functions();
Functions pooled_conv_functions();
Functions pooling_functions();
Functions quantized_functions();
Functions resample_functions();
Functions runtime_functions();
Functions statistics_functions();
Functions wisdom_functions();

void check_environment();  // ImportError where a variable of convx cannot be followed

}  // namespace convx::bindings
