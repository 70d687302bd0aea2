# Compiler options of every target of ours, as the interface target guyline_options.
add_library(guyline_options INTERFACE)
target_compile_options(guyline_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -fno-common)
if(GYL_WERROR)
  target_compile_options(guyline_options INTERFACE -Werror)
endif()
if(GYL_SANITIZE)
  target_compile_options(guyline_options INTERFACE -fsanitize=${GYL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(guyline_options INTERFACE -fsanitize=${GYL_SANITIZE})
endif()
if(GYL_FUZZ)
  target_compile_options(guyline_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
# Sources of the project include each other by their path from the root: the include graph is readable.
target_include_directories(guyline_options INTERFACE ${CMAKE_SOURCE_DIR})

# _GNU_SOURCE is for the parts that talk to Linux; the pure parts never see it.
add_library(guyline_linux INTERFACE)
target_compile_definitions(guyline_linux INTERFACE _GNU_SOURCE)
target_link_libraries(guyline_linux INTERFACE guyline_options)
