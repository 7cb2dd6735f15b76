package ai.kindred.federated.privacy;

/**
 * One noisy look at the users' updates: what an {@link Accountant} counts. Noise multipliers are
 * the noise's standard deviation over the bound of a user's update (the clipping norm).
 */
public sealed interface Mechanism permits SampledGaussian, TreeAggregation {}
