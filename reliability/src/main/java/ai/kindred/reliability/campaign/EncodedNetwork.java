package ai.kindred.reliability.campaign;

import ai.kindred.reliability.ProtectedTensor;
import ai.kindred.reliability.code.DamageHandler;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fault.Fault;
import ai.kindred.reliability.fault.FaultList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A network's weights in memory as a strategy keeps them. Never changed: an injection copies the
 * words that it hits, with their neighbours, and decodes those alone, since codes look no further.
 * So a trial costs what its faults cost, and threads share one memory.
 */
final class EncodedNetwork implements WeightSource {

  private record Part(Form.Stored stored, ProtectedTensor memory) {}

  /** Words that read otherwise than they did: which, and what they read now. */
  @SuppressWarnings("ArrayRecordComponent") // large, handed on, never compared
  private record Changes(int[] words, long[] plain, int count) {}

  /**
   * What an injection did.
   *
   * @param weights as they are read after repair
   * @param changed whether any weight is not what it was
   */
  record Struck(
      long flipped,
      long corrected,
      long detected,
      long silent,
      long wrong,
      boolean changed,
      WeightSource weights) {}

  private final Strategy strategy;
  private final Map<String, Part> parts = new LinkedHashMap<>();

  /**
   * Encodes.
   *
   * @throws IllegalArgumentException where a matrix cannot be kept so, naming it
   */
  EncodedNetwork(Target target, Strategy strategy) {
    this.strategy = strategy;
    for (Matrix m : target.matrices()) {
      Form.Stored stored = strategy.form().store(target.weights(m.name()), m);
      ProtectedTensor memory =
          ProtectedTensor.encode(m.name(), ByteBuffer.wrap(stored.bytes()), strategy.code());
      parts.put(m.name(), new Part(stored, memory));
    }
  }

  /** Number of bits of each memory, check bits included. */
  Map<String, Long> bits() {
    Map<String, Long> bits = new LinkedHashMap<>();
    parts.forEach((name, part) -> bits.put(name, part.memory().words().bits()));
    return bits;
  }

  /** How many weights are not what plain rounding would have made. */
  long changed() {
    return parts.values().stream().mapToLong(p -> p.stored().changed()).sum();
  }

  @Override
  public float[] weights(String matrix) {
    Part part = part(matrix);
    return part.stored().read(part.memory().weights());
  }

  private Part part(String matrix) {
    Part part = parts.get(matrix);
    if (part == null) {
      throw new IllegalArgumentException("no matrix is called " + matrix);
    }
    return part;
  }

  /** Puts faults in, lets the code repair once, and tells what is left. */
  Struck strike(FaultList faults) {
    Map<String, Changes> changes = new LinkedHashMap<>();
    Tally tally = new Tally(strategy.form().bits());
    faults
        .byTensor()
        .forEach((name, hits) -> changes.put(name, strike(part(name).memory(), hits, tally)));
    return new Struck(
        faults.faults().size(),
        tally.corrected,
        tally.detected,
        tally.silent,
        tally.wrong,
        tally.wrong > 0,
        name -> weights(name, changes.get(name)));
  }

  private Changes strike(ProtectedTensor memory, List<Fault> hits, Tally tally) {
    Words all = memory.words();
    long data = (long) all.count() * Long.SIZE;
    int perWord = Byte.SIZE * all.checkBytes();
    TreeSet<Integer> hit = new TreeSet<>();
    hits.forEach(f -> hit.add(word(f.bit(), data, perWord)));
    TreeSet<Integer> near = new TreeSet<>(hit);
    for (int w : hit) {
      near.add(Math.max(0, w - 1));
      near.add(Math.min(all.count() - 1, w + 1));
    }
    int[] places = near.stream().mapToInt(w -> w).toArray();
    Map<Integer, Integer> placeOf = new LinkedHashMap<>();
    for (int i = 0; i < places.length; i++) {
      placeOf.put(places[i], i);
    }
    Words few = copy(all, places);
    long fewData = (long) places.length * Long.SIZE;
    for (Fault f : hits) {
      int place = placeOf.getOrDefault(word(f.bit(), data, perWord), 0);
      few.flip(
          f.bit() < data
              ? (long) place * Long.SIZE + f.bit() % Long.SIZE
              : fewData + (long) place * perWord + (f.bit() - data) % perWord);
    }
    int[] words = new int[hit.size()];
    long[] plain = new long[hit.size()];
    int n = 0;
    DamageHandler handler = memory.handler(strategy.doubles());
    for (int w : hit) {
      int place = placeOf.getOrDefault(w, 0);
      Repairs found = strategy.code().repair(few, place, place + 1, handler);
      long now = strategy.code().restore(few.get(place));
      long before = strategy.code().restore(all.get(w));
      tally.add(found, before, now);
      if (now != before) {
        words[n] = w;
        plain[n++] = now;
      }
    }
    return new Changes(words, plain, n);
  }

  private static int word(long bit, long data, int checkBits) {
    return (int) (bit < data ? bit / Long.SIZE : (bit - data) / checkBits);
  }

  private static Words copy(Words all, int[] places) {
    int checkBytes = all.checkBytes();
    Words few = Words.allocate(places.length * Long.BYTES, checkBytes);
    ByteBuffer from = all.checks();
    ByteBuffer to = few.checks();
    byte[] check = new byte[checkBytes];
    for (int i = 0; i < places.length; i++) {
      few.set(i, all.get(places[i]));
      from.get(places[i] * checkBytes, check);
      to.put(i * checkBytes, check);
    }
    return few;
  }

  private float[] weights(String name, @Nullable Changes changes) {
    Part part = part(name);
    byte[] bytes = part.memory().weights();
    if (changes != null) {
      LongBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
      for (int i = 0; i < changes.count(); i++) {
        words.put(changes.words()[i], changes.plain()[i]);
      }
    }
    return part.stored().read(bytes);
  }
}
