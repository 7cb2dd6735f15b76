package ai.kindred.federated;

/**
 * What a client brings to a round.
 *
 * @param place in the cohort
 * @param client in the partition
 * @param examples that it has, at least 1
 * @param weight of its answer
 * @param steps that it trains
 */
record Worker(int place, int client, int examples, double weight, int steps) {}
