# The library as others see it: shared and static, <gyl/...>, a pkg-config file and a CMake package, all of
# which find the rest relative to themselves, so that the tree may be moved.
install(TARGETS guyline_proto guyline_proto_static EXPORT guyline-proto
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/gyl DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
string(REGEX REPLACE "[^/]+" ".." pc_prefix ${pc_dir})
configure_file(guyline-proto.pc.in guyline-proto.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/guyline-proto.pc DESTINATION ${pc_dir})

include(CMakePackageConfigHelpers)
set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/guyline)
# While the major version is 0, every minor version may break what the one before promised.
write_basic_package_version_file(guyline-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/guyline-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/guyline-config-version.cmake DESTINATION ${cmake_dir})
install(EXPORT guyline-proto FILE guyline-proto-targets.cmake NAMESPACE guyline:: DESTINATION ${cmake_dir})

file(GLOB proto_pages CONFIGURE_DEPENDS man/*.3)
install(FILES ${proto_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)
