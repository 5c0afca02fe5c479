# What `cmake --install` puts where, and the Debian package that CPack makes of it.
include(GNUInstallDirs)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # the tests need not be built to install

install(TARGETS tcpwitness RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Where harness/cli/executable.cc looks for it.
install(TARGETS tcp_actor RUNTIME DESTINATION libexec/tcpwitness)
# Cases name their files as ../../fixtures/...
install(DIRECTORY cases fixtures DESTINATION ${CMAKE_INSTALL_DATADIR}/tcpwitness
        PATTERN "CMakeLists.txt" EXCLUDE PATTERN "tcp_actor" EXCLUDE)
install(FILES harness/api/run_case.hh DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tcpwitness)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES ci/package/tcpwitness.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ci/package/tcpwitness.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tcpwitness)
install(FILES ci/package/tcpwitness.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _tcpwitness)

include(CMakePackageConfigHelpers)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tcpwitness)
configure_package_config_file(ci/package/tcpwitness-config.cmake.in ${CMAKE_BINARY_DIR}/tcpwitness-config.cmake
                              INSTALL_DESTINATION ${config_folder} PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/tcpwitness-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/tcpwitness-config.cmake ${CMAKE_BINARY_DIR}/tcpwitness-config-version.cmake
        DESTINATION ${config_folder})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tcpwitness)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_CONTACT "the authors of tcpwitness")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "qemu-system-x86, iproute2, nlohmann-json3-dev")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
