# What compiler and linker do against an exploit, for every object of the module. tests/test_hardening.py reads from the
# built module that it came out.
include(CheckCXXCompilerFlag)

set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)  # _FORTIFY_SOURCE is nothing without optimisation

# Indirect calls and returns that land elsewhere than the program meant: x86's and Arm's own checks. One object without
# them switches them off for all, so the kernels have them too; the tiles' loops hold no call.
check_cxx_compiler_flag(-fcf-protection=full CONVX_HAS_CF_PROTECTION)
check_cxx_compiler_flag(-mbranch-protection=standard CONVX_HAS_BRANCH_PROTECTION)
if(CONVX_HAS_CF_PROTECTION)
  # Some C libraries' start-up objects carry no note of either; those have no landing mark, but return as they should.
  add_compile_options(-fcf-protection=full)
  add_link_options(-Wl,-z,shstk)
elseif(CONVX_HAS_BRANCH_PROTECTION)
  add_compile_options(-mbranch-protection=standard)
endif()

if(NOT CONVX_SANITIZE)
  # The sanitizers check more, and want the plain calls. Level 3 also knows sizes that are computed.
  set(level 2)
  if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
     OR (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 9))
    set(level 3)
  endif()
  add_compile_options(-fstack-protector-strong
    "$<${optimised}:-U_FORTIFY_SOURCE>" "$<${optimised}:-D_FORTIFY_SOURCE=${level}>")
endif()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_link_options(-Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack,-z,text $<$<CONFIG:Release>:-s>)
  # Hidden visibility does not reach the standard library's templates; of them too nothing is to be shared.
  add_link_options(-Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cpp/bindings/exports.map)
endif()
