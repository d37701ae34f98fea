# Writes OUT.h and OUT.cc from DIR/*.sql; run by arasta_migrations at build time.
file(GLOB files ${DIR}/*.sql)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(id ${file} NAME_WE)
  if(NOT id MATCHES "^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$")
    message(FATAL_ERROR "${file}: a migration is named NNNN_what_it_does.sql")
  endif()
  file(READ ${file} sql)
  string(APPEND entries "      {\"${id}\", R\"__sql__(${sql})__sql__\"},\n")
endforeach()
file(WRITE ${OUT}.h "// Generated from the service's migrations folder.
#pragma once
#include <vector>
#include \"common/pg/migrations.h\"
namespace arasta::${NAME} {
const std::vector<pg::Migration>& Migrations();
}  // namespace arasta::${NAME}
")
file(WRITE ${OUT}.cc "#include \"${NAME}_migrations.h\"
namespace arasta::${NAME} {
const std::vector<pg::Migration>& Migrations() {
  static const std::vector<pg::Migration> migrations = {
${entries}  };
  return migrations;
}
}  // namespace arasta::${NAME}
")
