# Common compiler settings, the libraries, and add_room(): one static library per folder of harness/.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(LibArchive REQUIRED)
pkg_check_modules(yaml_cpp REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(libnl REQUIRED IMPORTED_TARGET libnl-3.0 libnl-route-3.0)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)  # its header alone
pkg_check_modules(libbpf REQUIRED IMPORTED_TARGET libbpf)

add_library(tw_settings INTERFACE)
target_include_directories(tw_settings INTERFACE ${PROJECT_SOURCE_DIR}/harness)
# -Wno-subobject-linkage: a file that a unity build includes is no header, though GCC takes it for one.
target_compile_options(tw_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
# static_fmt: see fixtures/tcp_actor.
target_link_libraries(tw_settings INTERFACE
  $<IF:$<BOOL:$<TARGET_PROPERTY:WITHOUT_SHARED_LIBRARIES>>,static_fmt,fmt::fmt>)

# add_preload(NAME FOLDER a.cc…): the library FOLDER/NAME.so, for LD_PRELOAD into a program that is not ours. So no
# sanitizers, and nothing of the C++ library.
function(add_preload name folder)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" LINKER_LANGUAGE C LIBRARY_OUTPUT_DIRECTORY ${folder})
  target_compile_options(${name} PRIVATE -Wall -Wextra -O2 -fno-sanitize=all -fno-exceptions -fno-rtti
                         -fno-threadsafe-statics)
  target_link_options(${name} PRIVATE -fno-sanitize=all)
endfunction()

# add_room(NAME SOURCES a.cc b.cc ROOMS base plan LIBRARIES yaml)
# Makes the static library tw_NAME. ROOMS are the only other rooms whose code it links.
function(add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  add_library(tw_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(tw_${name} PUBLIC tw_settings)
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(tw_${name} PUBLIC tw_${room})
  endforeach()
  target_link_libraries(tw_${name} PRIVATE ${ROOM_LIBRARIES})
endfunction()
