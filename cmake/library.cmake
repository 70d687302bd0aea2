# What the libraries that others may use have in common. Each comes shared and static, with its <gyl/...>
# headers, man pages, a pkg-config file, and as a component of the CMake package; all of which find the rest
# relative to themselves, so that the tree may be moved.
include(CMakePackageConfigHelpers)

# gyl_library(<name> <description> <source>... [NEEDS <name>...]): guyline_<name> and guyline_<name>_static of the
# same objects, known as guyline::<name> and guyline::<name>_static, and everything of examples/, man/ and
# include/ here. It may use the libraries it NEEDS, of its own kind: shared ones or static ones.
function(gyl_library name description)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" NEEDS)
  set(static guyline_${name}_static)
  add_library(guyline_${name}_objects OBJECT ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(guyline_${name}_objects PUBLIC include)
  target_link_libraries(guyline_${name}_objects PRIVATE guyline_options)

  add_library(guyline_${name} SHARED $<TARGET_OBJECTS:guyline_${name}_objects>)
  add_library(${static} STATIC $<TARGET_OBJECTS:guyline_${name}_objects>)
  set_target_properties(guyline_${name} PROPERTIES
    OUTPUT_NAME guyline-${name} EXPORT_NAME ${name}
    # While the major version is 0 every minor version may change the ABI, so the SONAME carries both.
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
    set(map ${CMAKE_CURRENT_SOURCE_DIR}/guyline-${name}.map)
    # What the library calls of itself is its own, whatever else is in the process.
    target_link_options(guyline_${name} PRIVATE LINKER:--version-script=${map} LINKER:-Bsymbolic-functions)
    set_target_properties(guyline_${name} PROPERTIES LINK_DEPENDS ${map})
  endif()
  set_target_properties(${static} PROPERTIES OUTPUT_NAME guyline-${name} EXPORT_NAME ${name}_static)
  foreach(lib guyline_${name} ${static})
    target_include_directories(${lib} PUBLIC
      $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${lib} PRIVATE $<BUILD_INTERFACE:guyline_options>)
  endforeach()
  foreach(need IN LISTS arg_NEEDS)
    target_include_directories(guyline_${name}_objects PUBLIC
      $<TARGET_PROPERTY:guyline_${need},INTERFACE_INCLUDE_DIRECTORIES>)
    target_link_libraries(guyline_${name} PUBLIC guyline_${need})
    target_link_libraries(${static} PUBLIC guyline_${need}_static)
  endforeach()
  add_library(guyline::${name} ALIAS guyline_${name})
  add_library(guyline::${name}_static ALIAS ${static})

  gyl_library_examples(${name})
  gyl_library_install(${name} "${description}" ${arg_NEEDS})
endfunction()

# Examples are compiled always: a text that does not build is no example.
function(gyl_library_examples name)
  file(GLOB examples CONFIGURE_DEPENDS examples/*.c)
  foreach(file IN LISTS examples)
    get_filename_component(example ${file} NAME_WE)
    add_executable(example_${example} ${file})
    target_link_libraries(example_${example} PRIVATE guyline_options guyline::${name})
    set_target_properties(example_${example} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examples)
  endforeach()
endfunction()

function(gyl_library_install name description)
  install(TARGETS guyline_${name} guyline_${name}_static EXPORT guyline-${name}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY include/gyl DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
  file(GLOB pages CONFIGURE_DEPENDS man/*.3)
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)

  list(TRANSFORM ARGN PREPEND guyline- OUTPUT_VARIABLE pc_requires)
  list(JOIN pc_requires " " pc_requires)
  set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  string(REGEX REPLACE "[^/]+" ".." pc_prefix ${pc_dir})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/library.pc.in guyline-${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/guyline-${name}.pc DESTINATION ${pc_dir})

  set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/guyline)
  # While the major version is 0, every minor version may break what the one before promised.
  write_basic_package_version_file(guyline-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/guyline-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/guyline-config-version.cmake DESTINATION ${cmake_dir})
  install(EXPORT guyline-${name} FILE guyline-${name}-targets.cmake NAMESPACE guyline:: DESTINATION ${cmake_dir})
endfunction()
