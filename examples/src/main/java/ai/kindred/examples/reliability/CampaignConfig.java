package ai.kindred.examples.reliability;

import ai.kindred.core.config.Doc;
import java.util.List;

/**
 * Settings of a campaign that its results depend on; they go into its record.
 *
 * @param networks names of folders
 * @param strategies names
 * @param rates flipped bits over all bits
 * @param seeds how many fault seeds
 * @param exact whether so many bits flip, or each by itself
 * @param images how many test images
 * @param tokens how many tokens of the text
 */
record CampaignConfig(
    @Doc("names of folders") List<String> networks,
    @Doc("strategies of protection") List<String> strategies,
    @Doc("flipped bits over all bits") List<Double> rates,
    @Doc("fault seeds") int seeds,
    @Doc("an exact count of flips") boolean exact,
    @Doc("test images") int images,
    @Doc("tokens of the text") int tokens) {

  CampaignConfig {
    networks = List.copyOf(networks);
    strategies = List.copyOf(strategies);
    rates = List.copyOf(rates);
  }
}
