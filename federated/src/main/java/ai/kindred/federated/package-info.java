/** Training across clients that keep their data, simulated on one machine or several. */
@NullMarked
package ai.kindred.federated;

import org.jspecify.annotations.NullMarked;
