# sallyport_module(NAME DEPS ...): the library of src/NAME from its sources, and NAME_test from its *_test.cc.
# ONE_PROCESS NAME: the cases with NAME in theirs share what is slow to start, and run as one test.
# A folder without sources becomes an interface library, so that an early folder costs nothing.
function(sallyport_module name)
  cmake_parse_arguments(ARG "" "ONE_PROCESS" "DEPS" ${ARGN})
  file(GLOB all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc ${CMAKE_SOURCE_DIR}/src/${name}/*/*.cc)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  set(deps)
  foreach(dep ${ARG_DEPS})
    if(TARGET sallyport_${dep})
      list(APPEND deps sallyport_${dep})
    else()
      list(APPEND deps ${dep})
    endif()
  endforeach()

  if(sources)
    add_library(sallyport_${name} STATIC ${sources})
    target_include_directories(sallyport_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(sallyport_${name} PUBLIC ${deps})
  else()
    add_library(sallyport_${name} INTERFACE)
    target_include_directories(sallyport_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(sallyport_${name} INTERFACE ${deps})
  endif()

  if(EXISTS ${CMAKE_SOURCE_DIR}/src/${name}/main.cc)
    add_executable(sallyport ${CMAKE_SOURCE_DIR}/src/${name}/main.cc)
    target_link_libraries(sallyport PRIVATE sallyport_${name})
  endif()

  if(SALLYPORT_TESTS AND tests)
    add_executable(${name}_test ${tests})
    # Test cases run once: what their optimisation costs is never earned back.
    target_compile_options(${name}_test PRIVATE -O0)
    target_link_libraries(${name}_test PRIVATE sallyport_${name} GTest::gmock GTest::gtest GTest::gtest_main)
    include(GoogleTest)
    set(filter)
    if(ARG_ONE_PROCESS)
      set(filter TEST_FILTER "-*${ARG_ONE_PROCESS}*")
      add_test(NAME ${name}.${ARG_ONE_PROCESS} COMMAND ${name}_test --gtest_filter=*${ARG_ONE_PROCESS}*
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
      set_tests_properties(${name}.${ARG_ONE_PROCESS} PROPERTIES LABELS unit TIMEOUT 300
        SKIP_REGULAR_EXPRESSION "server is not installed")
    endif()
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. ${filter} DISCOVERY_MODE PRE_TEST
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

# fuzz/NAME_fuzz.cc is one target. With SALLYPORT_FUZZ it is a libFuzzer binary; otherwise it is linked
# with fuzz/replay_main.cc and the test `fuzz.NAME` runs every file of fuzz/corpus/NAME through it.
function(sallyport_fuzz_targets)
  file(GLOB targets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/*_fuzz.cc)
  foreach(source ${targets})
    get_filename_component(target ${source} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" subject ${target})
    if(SALLYPORT_FUZZ)
      add_executable(${target} ${source})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    else()
      add_executable(${target} ${source} ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc)
      if(SALLYPORT_TESTS)
        add_test(NAME fuzz.${subject} COMMAND ${target} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${subject})
        set_tests_properties(fuzz.${subject} PROPERTIES LABELS fuzz TIMEOUT 300)
      endif()
    endif()
    target_link_libraries(${target} PRIVATE sallyport_app)
  endforeach()
endfunction()
