-- A word at a time, an import spends most of its time in these indexes (60,000 products: 19 s, with
-- pending lists 5 s). The lists are kept short because every search reads them through.
ALTER INDEX product_by_words SET (fastupdate = on, gin_pending_list_limit = 1024);
ALTER INDEX search_word_by_trigram SET (fastupdate = on, gin_pending_list_limit = 256);
