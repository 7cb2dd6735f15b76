package ai.kindred.core.report;

import ai.kindred.core.train.Event;
import java.time.Instant;

/** An event and when it was written down. */
public record RecordedEvent(Instant time, Event event) {}
