# arasta_migrations(arasta_NAME_service DIR): embeds DIR/NNNN_what.sql into the target, in order of
# file name, behind the generated header "NAME_migrations.h":
#   namespace arasta::NAME { const std::vector<pg::Migration>& Migrations(); }

function(arasta_migrations target dir)
  # A variable of this file would be out of sight in the folders that call the function.
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/EmbedMigrations.cmake)
  string(REGEX REPLACE "^arasta_(.*)_service$" "\\1" name ${target})
  get_filename_component(dir ${dir} ABSOLUTE)
  file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
  set(out ${CMAKE_BINARY_DIR}/generated/migrations/${name}_migrations)
  add_custom_command(OUTPUT ${out}.h ${out}.cc
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DDIR=${dir} -DOUT=${out} -P ${script}
    DEPENDS ${files} ${script} COMMENT "migrations of ${name}" VERBATIM)
  target_sources(${target} PRIVATE ${out}.cc ${out}.h)
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR}/generated/migrations)
  target_link_libraries(${target} PUBLIC arasta_pg)
endfunction()
