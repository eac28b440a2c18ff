#include "remedies.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace convx::bindings {
namespace {

struct Word {
    const char *argument, *theirs, *ours;
};

// TensorFlow's and ONNX's; SciPy's and np.pad's modes, of which "mirror" is our "reflect"; torch's memory formats.
constexpr Word WORDS[] = {
    {"data_format", "nhwc", "'channels_last'"},
    {"data_format", "nwc", "'channels_last'"},
    {"data_format", "ndhwc", "'channels_last'"},
    {"data_format", "hwc", "'channels_last'"},
    {"data_format", "channel_last", "'channels_last'"},
    {"data_format", "channels_last_3d", "'channels_last'"},
    {"data_format", "nchw", "'channels_first'"},
    {"data_format", "ncw", "'channels_first'"},
    {"data_format", "ncdhw", "'channels_first'"},
    {"data_format", "chw", "'channels_first'"},
    {"data_format", "channel_first", "'channels_first'"},
    {"padding", "same", "'same'"},
    {"padding", "same_upper", "'same'"},
    {"padding", "same_lower", "'same_lower'"},
    {"padding", "valid", "'valid'"},
    {"padding", "notset", "the numbers of pads"},
    {"padding", "causal", "'causal'"},
    {"padding", "full", "kernel size - 1"},
    {"padding_mode", "constant", "'zeros'"},
    {"padding_mode", "grid-constant", "'zeros'"},
    {"padding_mode", "zero", "'zeros'"},
    {"padding_mode", "fill", "'zeros'"},
    {"padding_mode", "nearest", "'replicate'"},
    {"padding_mode", "border", "'replicate'"},
    {"padding_mode", "mirror", "'reflect'"},
    {"padding_mode", "reflect_101", "'reflect'"},
    {"padding_mode", "grid-mirror", "'symmetric'"},
    {"padding_mode", "grid-wrap", "'circular'"},
    {"padding_mode", "periodic", "'circular'"},
    {"padding_mode", "symm", "'symmetric'"},
};

}  // namespace

std::string remedy(const char* argument, py::handle value) {
    std::string text = text_of(value);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    for (const Word& word : WORDS)
        if (std::strcmp(word.argument, argument) == 0 && text == word.theirs)
            return std::string(" (write ") + word.ours + " for " + shown(value) + ")";
    return "";
}

}  // namespace convx::bindings
