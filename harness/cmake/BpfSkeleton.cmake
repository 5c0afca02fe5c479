# add_bpf_skeleton(NAME a.bpf.c DEPENDS a.h)
# BPF programs: compiled by clang for the BPF machine, stripped of DWARF by bpftool, and embedded as a skeleton header.
# Sets NAME_SKELETON to the header, a source of the library that includes it, and NAME_FOLDER to its folder.
find_program(CLANG NAMES clang REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin /sbin REQUIRED)

function(add_bpf_skeleton name source)
  cmake_parse_arguments(BPF "" "" "DEPENDS" ${ARGN})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/bpf)
  file(MAKE_DIRECTORY ${folder})
  # clang's BPF target does not know the multiarch folder where Debian keeps <asm/types.h>.
  add_custom_command(
    OUTPUT ${folder}/${name}.skel.h
    COMMAND ${CLANG} -target bpf -mcpu=v2 -g -O2 -Wall -Wextra -Werror
            -I${PROJECT_SOURCE_DIR}/harness -isystem /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${folder}/${name}.o
    COMMAND ${BPFTOOL} gen object ${folder}/${name}.linked.o ${folder}/${name}.o
    COMMAND ${BPFTOOL} gen skeleton ${folder}/${name}.linked.o name ${name} > ${folder}/${name}.skel.h
    DEPENDS ${source} ${BPF_DEPENDS}
    COMMENT "Building the BPF programs of ${source}" VERBATIM)
  set(${name}_SKELETON ${folder}/${name}.skel.h PARENT_SCOPE)
  set(${name}_FOLDER ${folder} PARENT_SCOPE)
endfunction()
