# CONVX_SANITIZE is what -fsanitize takes. Every object is instrumented, each part at the level that builds it soonest
# and still runs: pybind11's templates take twice as long at -O1, the tiles' loops three times as long at -O2.
add_compile_options(-fsanitize=${CONVX_SANITIZE} -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS)
add_link_options(-fsanitize=${CONVX_SANITIZE})
if(CONVX_SANITIZE MATCHES "undefined")
  add_compile_options(-fno-sanitize-recover=undefined)
endif()

file(GLOB bindings cpp/bindings/*.cpp)
file(GLOB kernels cpp/kernels/*.cpp)
set_property(SOURCE ${bindings} APPEND PROPERTY COMPILE_OPTIONS -O0)
set_property(SOURCE ${kernels} APPEND PROPERTY COMPILE_OPTIONS -O1)
