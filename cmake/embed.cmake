# The tables that src/api/embedded_model.cc copies into the program: where they are, and that a change of
# them rebuilds it.
file(GLOB SALLYPORT_MODEL_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/api/model/*.json)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/api/embedded_model.cc PROPERTIES
  COMPILE_DEFINITIONS "SALLYPORT_MODEL_DIR=\"${CMAKE_SOURCE_DIR}/src/api/model\""
  OBJECT_DEPENDS "${SALLYPORT_MODEL_FILES}")
