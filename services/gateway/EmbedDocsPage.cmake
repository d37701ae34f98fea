# Writes OUTPUT, a .cc that holds PAGE. cmake -DPAGE=… -DOUTPUT=… -P EmbedDocsPage.cmake
file(READ ${PAGE} html)
file(WRITE ${OUTPUT} "#include \"services/gateway/rest/docs_page.h\"

namespace arasta::gateway {

const std::string& DocsPage() {
  static const auto& page = *new std::string(R\"html(${html})html\");
  return page;
}

}  // namespace arasta::gateway
")
