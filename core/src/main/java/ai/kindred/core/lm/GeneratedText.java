package ai.kindred.core.lm;

/**
 * What a model wrote after a prompt, as text.
 *
 * @param text without special tokens, and cut before the stop string where one occurred
 * @param prompt token ids of the prompt
 * @param tokens what the text was decoded from; the token that completed a stop string is the last
 */
@SuppressWarnings("ArrayRecordComponent") // results, not compared
public record GeneratedText(String text, int[] prompt, Generated tokens) {}
