package ai.kindred.core.lm;

/** A byte-pair tokenizer with one of every component that files have. */
final class SmallTokenizer {
  static final String JSON =
      """
      {"version": "1.0", "truncation": {"direction": "Right", "max_length": 2,
         "strategy": "LongestFirst", "stride": 5}, "padding": null,
       "added_tokens": [
         {"id": 6, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true},
         {"id": 7, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true}],
       "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"},
         {"type": "Replace", "pattern": {"String": " "}, "content": "_"}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split",
         "pattern": {"Regex": "\\\\s+(?!\\\\S)|\\\\s+| ?\\\\p{L}+"}, "behavior": "Isolated",
         "invert": false}, {"type": "Digits", "individual_digits": true}]},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [6], "tokens": ["<s>"]}}},
       "decoder": {"type": "Sequence", "decoders": [{"type": "Replace",
         "pattern": {"String": "_"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
         {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
       "model": {"type": "BPE", "dropout": null, "unk_token": "?", "continuing_subword_prefix": null,
         "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true,
         "vocab": {"a": 0, "b": 1, "ab": 2, "_": 3, "abab": 4, "?": 5},
         "merges": [["a", "b"], ["ab", "ab"]]}}""";

  private SmallTokenizer() {}
}
