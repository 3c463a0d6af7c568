"""Three-way merge of the files of two branches: chapters by sentences, registers by records and fields."""
