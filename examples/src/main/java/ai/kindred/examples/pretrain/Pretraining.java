package ai.kindred.examples.pretrain;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.BpeTrainer;
import ai.kindred.core.lm.ByteLevelBpe;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.Batches;
import ai.kindred.core.train.MeanLoss;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Trained;
import ai.kindred.core.train.Training;
import ai.kindred.examples.suite.BuiltInSuite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Trains a language model from nothing: a tokenizer from the text, weights from a key, then the
 * next-token loss over one pass of an endless stream of documents. Training documents are counted
 * from 0, held-out ones from {@link #HELD_OUT}; the text of the suite's held-out instances is in
 * neither.
 */
final class Pretraining {

  /** The number of the first held-out document, which no run reaches by training. */
  static final long HELD_OUT = 1L << 40;

  /** Documents that a tokenizer is learnt from: so many a token, and no more than the second. */
  private static final long TOKENIZER_DOCUMENTS = 5;

  private static final long MOST_TOKENIZER_DOCUMENTS = 10_000;

  private static final int VALIDATION_BATCHES = 6;

  private final PretrainConfig config;
  private final PretrainingText text;

  Pretraining(PretrainConfig config) {
    this.config = config;
    this.text =
        new PretrainingText(
            Key.of(config.seed()).fold("pretraining text"),
            ExcludedText.inputsOf(BuiltInSuite.make().heldOut()));
  }

  PretrainingText text() {
    return text;
  }

  /** Learns the tokenizer, writes its files into a folder and reads it from there. */
  Tokenizer tokenizer(Path folder) throws IOException {
    long documents = Math.min(MOST_TOKENIZER_DOCUMENTS, TOKENIZER_DOCUMENTS * config.vocabulary());
    BpeTrainer trainer = new BpeTrainer();
    text.documents(0).limit(documents).forEach(d -> trainer.add(d.text()));
    ByteLevelBpe learnt = trainer.train(config.vocabulary());
    learnt.write(folder, config.context());
    return Tokenizer.load(folder);
  }

  TokenizedText stream(Tokenizer tokenizer) {
    return new TokenizedText(text, tokenizer, config.context(), config.longEvery());
  }

  /**
   * Trains, or goes on where checkpoints are.
   *
   * @return the model in bfloat16, owned by the innermost scope
   */
  LanguageModel train(Tokenizer tokenizer, Path checkpoints, Observer observer) {
    return Scope.tidy(
        () -> {
          LanguageModel start =
              StartingWeights.copying(
                  LanguageModel.initialised(
                      config.model(tokenizer.vocabSize()), tokenizer, Key.of(config.seed())),
                  Key.of(config.seed()).fold("starting weights"));
          LanguageModelObjective objective =
              LanguageModelObjective.of(start).computingIn(config.precision().activations());
          TokenizedText stream = stream(tokenizer);
          Batches<TokenBatch> batches =
              Batches.single(step -> batch(stream, step * config.documents()));
          try (MeanLoss<TokenBatch> heldOut =
              new MeanLoss<>(
                  objective,
                  () ->
                      LongStream.range(0, VALIDATION_BATCHES)
                          .mapToObj(i -> batch(stream, HELD_OUT + i * config.documents()))
                          .iterator())) {
            Trained trained =
                Training.of(config.training(), objective, batches)
                    .observedBy(observer)
                    .validatedBy(heldOut)
                    .savedTo(checkpoints, Map.of("pretraining", config.toString()))
                    .run(Tree.params(start));
            return Tree.map(Tree.with(start, trained.params()), t -> t.to(DType.BFLOAT16));
          }
        });
  }

  private Batch<TokenBatch> batch(TokenizedText stream, long first) {
    PackedBatch packed = stream.batch(first, config.documents());
    return LanguageModelObjective.batch(packed);
  }

  /**
   * Writes a model folder, whole or not at all: config.json, model.safetensors, the tokenizer's
   * files and generation_config.json.
   */
  static void save(LanguageModel model, Path tokenizer, Path folder) throws IOException {
    AtomicFiles.writeFolder(
        folder,
        into -> {
          model.save(into);
          for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(file), into.resolve(file));
          }
          AtomicFiles.writeString(
              into.resolve("generation_config.json"),
              """
              {
                "bos_token_id" : 0,
                "eos_token_id" : [ 2, 0 ],
                "pad_token_id" : 3
              }
              """);
        });
  }

  /** The model as users load it. */
  static LanguageModel load(Path folder) throws IOException {
    return LanguageModel.load(folder, Precision.BFLOAT16);
  }
}
