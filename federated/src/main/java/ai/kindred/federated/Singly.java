package ai.kindred.federated;

import ai.kindred.core.kernel.Key;
import ai.kindred.federated.privacy.PrivateSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The answers of a round kept one by one, for what cannot be done to their sum. */
final class Singly {

  private final float[][] byPlace;
  private final List<Worker> ready;

  Singly(List<Worker> ready) {
    this.ready = ready;
    int places = ready.stream().mapToInt(Worker::place).max().orElse(-1) + 1;
    this.byPlace = new float[places][];
  }

  /** Keeps answers, row by row. */
  void put(List<Worker> workers, float[] rows) {
    int each = rows.length / workers.size();
    synchronized (byPlace) {
      for (int i = 0; i < workers.size(); i++) {
        byPlace[workers.get(i).place()] = Arrays.copyOfRange(rows, i * each, (i + 1) * each);
      }
    }
  }

  /** Clips, compresses and merges the answers, in the order of the cohort. */
  float[] merged(Collecting collecting, Key forCall, Tally tally) {
    PrivateSum.State bound = new PrivateSum.State(collecting.clipNorm());
    List<INDArray> answers = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (Worker w : ready) {
      float[] answer = byPlace[w.place()];
      if (answer == null || w.weight() == 0) {
        continue;
      }
      PrivateSum.clip(bound, answer);
      long bytes = 4L * answer.length;
      Compression compression = collecting.compression();
      if (compression != null) {
        Compression.Sent sent =
            compression.send(answer, forCall.fold("compression").fold(w.client()).random());
        answer = sent.numbers();
        bytes = sent.bytes();
      }
      tally.answered(w, bytes, Map.of());
      answers.add(Nd4j.createFromArray(answer).castTo(DataType.DOUBLE));
      weights.add(w.weight());
    }
    double[] by = weights.stream().mapToDouble(d -> d).toArray();
    @Nullable Merge merge = collecting.merge();
    INDArray merged = merge == null ? mean(answers, by) : merge.merge(answers, by);
    return merged.castTo(DataType.FLOAT).toFloatVector();
  }

  private static INDArray mean(List<INDArray> answers, double[] weights) {
    INDArray sum = answers.get(0).mul(weights[0]);
    double total = weights[0];
    for (int i = 1; i < answers.size(); i++) {
      sum.addi(answers.get(i).muli(weights[i]));
      total += weights[i];
    }
    return sum.divi(total);
  }
}
