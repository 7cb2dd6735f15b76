/**
 * Campaigns: what memory errors do to networks, by strategy of protection, error rate and seed.
 *
 * <p>A {@link ai.kindred.reliability.campaign.Target} is what is tried: weights by name, and one
 * method that measures it with others in their place; {@link
 * ai.kindred.reliability.campaign.ClassifierTarget} and {@link
 * ai.kindred.reliability.campaign.LanguageModelTarget} are two. A {@link
 * ai.kindred.reliability.campaign.Strategy} is how weights lie in memory ({@link
 * ai.kindred.reliability.campaign.Form}), the code that watches over them, and what becomes of
 * damage it cannot undo. A {@link ai.kindred.reliability.campaign.Campaign} runs every trial, on
 * any number of threads with the same result, and goes on where it was killed.
 *
 * <pre>{@code
 * Campaign campaign = new Campaign(List.of(new Subject("small-cnn", plain, throttled)),
 *     Strategy.named("none,secded-72,qatt"), List.of(1e-5, 1e-4, 1e-3), 10, true);
 * Results results = campaign.run(workers, TrialLog.open(file), result -> {});
 * List<Claim> claims = Claims.of(results);
 * }</pre>
 */
@NullMarked
package ai.kindred.reliability.campaign;

import org.jspecify.annotations.NullMarked;
