//! Which networks a bundle may hold.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A network of a bundle. The order is the order of first use, and so of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Sub-words to vectors.
    Text,
    /// Text to objects.
    Planner,
    /// Objects to masks.
    Mapper,
    /// The velocity of a noisy latent.
    Denoiser,
    /// Latents to pictures.
    Decoder,
    /// The judge that reports.
    JudgeB,
    /// The judge that selects seeds for repair.
    JudgeA,
    /// Pictures to latents.
    Encoder,
    /// Fit of picture and text.
    Scorer,
    /// The supervisor: training alone uses it.
    Segmenter,
}

impl Network {
    /// Every network in the order of first use.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Planner,
        Self::Mapper,
        Self::Denoiser,
        Self::Decoder,
        Self::JudgeB,
        Self::JudgeA,
        Self::Encoder,
        Self::Scorer,
        Self::Segmenter,
    ];

    /// Its name in the manifest and in the names of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Planner => "planner",
            Self::Mapper => "mapper",
            Self::Denoiser => "denoiser",
            Self::Decoder => "decoder",
            Self::JudgeB => "judge-b",
            Self::JudgeA => "judge-a",
            Self::Encoder => "encoder",
            Self::Scorer => "scorer",
            Self::Segmenter => "segmenter",
        }
    }

    /// Whether a prompt becomes a judged picture without it: its files may be left out.
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::Encoder | Self::Scorer | Self::Segmenter)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_comparison_and_names_are_those_of_the_manifest() {
        assert!(Network::ALL.is_sorted());
        for network in Network::ALL {
            let json = serde_json::to_value(network).unwrap();
            assert_eq!(json, network.name());
        }
    }

    #[test]
    fn optional_networks_come_last() {
        assert!(Network::ALL.is_sorted_by_key(|network| network.is_optional()));
    }
}
