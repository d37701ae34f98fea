# Language level, warnings, sanitizers, compiler cache and linker: one place for all of them.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(ARASTA_WERROR "Treat warnings as errors" OFF)
option(ARASTA_SEEDED_BUGS "Compile the bugs in that tests/chaos must find (common/base/seeded_bug.h)" OFF)
set(ARASTA_SANITIZE "" CACHE STRING "Sanitizers to build with, as in -fsanitize=")

find_program(ARASTA_CCACHE ccache)
if(ARASTA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ARASTA_CCACHE})
endif()

add_library(arasta_compiler INTERFACE)
target_include_directories(arasta_compiler INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(arasta_compiler INTERFACE -Wall -Wextra -Wnon-virtual-dtor -Wold-style-cast)
if(ARASTA_WERROR)
  target_compile_options(arasta_compiler INTERFACE -Werror)
endif()

if(ARASTA_SEEDED_BUGS)
  if(CMAKE_BUILD_TYPE STREQUAL Release)
    message(FATAL_ERROR "Bugs that are put in on purpose have no place in a release")
  endif()
  target_compile_definitions(arasta_compiler INTERFACE ARASTA_SEEDED_BUGS)
endif()

# Line tables are enough for a stack trace, and halve the size and time of a debug build.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

if(ARASTA_SANITIZE)
  add_compile_options(-fsanitize=${ARASTA_SANITIZE} -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${ARASTA_SANITIZE})
  if(ARASTA_SANITIZE STREQUAL thread)
    # protobuf's headers would give map fields members that Debian's library, built without TSan, does not know of.
    add_compile_options(-U__SANITIZE_THREAD__)
    add_compile_definitions(ARASTA_TSAN)
  endif()
endif()

# For the many programs of tests. Debian's mold (1.10) at times puts the part that becomes read-only across the border
# of a page, and such a program does not start; releases have that protection and another linker.
find_program(ARASTA_MOLD mold)
if(ARASTA_MOLD AND NOT CMAKE_BUILD_TYPE STREQUAL Release)
  add_link_options(-fuse-ld=mold -Wl,-z,norelro)
endif()
