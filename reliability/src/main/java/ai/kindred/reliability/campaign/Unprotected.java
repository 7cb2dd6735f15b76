package ai.kindred.reliability.campaign;

import ai.kindred.reliability.code.DamageHandler;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.WordCode;
import ai.kindred.reliability.code.Words;

/** No code at all: what is read is what lies there. */
final class Unprotected implements WordCode {

  @Override
  public String name() {
    return "none";
  }

  @Override
  public int checkBytes() {
    return 0;
  }

  @Override
  public boolean fits(long plain) {
    return true;
  }

  @Override
  public long restore(long encoded) {
    return encoded;
  }

  @Override
  public void encode(Words words) {}

  @Override
  public Repairs repair(Words words, int from, int to, DamageHandler handler) {
    return new Repairs(Math.max(0, to - from), 0, 0);
  }

  @Override
  public Repairs decode(Words words, Words plain, DamageHandler handler) {
    for (int i = 0; i < words.count(); i++) {
      plain.set(i, words.get(i));
    }
    return repair(words, 0, words.count(), handler);
  }
}
