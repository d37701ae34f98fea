# Writes OUTPUT, a .cc that holds FOLDER/docs.html with its style and scripts. cmake -DFOLDER=… -DOUTPUT=… -P EmbedDocsPage.cmake
foreach(part docs.html docs.css docs.js try_it.js)
  file(READ ${FOLDER}/${part} ${part})
endforeach()
string(REPLACE "<link rel=\"stylesheet\" href=\"docs.css\">" "<style>\n${docs.css}</style>" html "${docs.html}")
string(REPLACE "<script src=\"docs.js\"></script>" "<script>\n${docs.js}\n${try_it.js}</script>" html "${html}")
file(WRITE ${OUTPUT} "#include \"services/gateway/rest/docs_page.h\"

namespace arasta::gateway {

const std::string& DocsPage() {
  static const auto& page = *new std::string(R\"html(${html})html\");
  return page;
}

}  // namespace arasta::gateway
")
