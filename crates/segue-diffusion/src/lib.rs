//! Schedules, samplers, guidance and losses of flow matching. Knows no network.
