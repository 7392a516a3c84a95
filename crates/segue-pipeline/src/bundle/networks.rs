//! All networks together.

use burn::module::Module;
use burn::tensor::Device;
use segue_model::autoencoder::{Decoder, Encoder};
use segue_model::denoiser::Denoiser;
use segue_model::judge::{DilatedJudge, UNetJudge};
use segue_model::mapper::Mapper;
use segue_model::planner::Planner;
use segue_model::preset::ModelConfig;
use segue_model::scorer::Scorer;
use segue_model::segmenter::Segmenter;
use segue_model::text::TextEncoder;
use segue_model::tokenizer::Tokenizer;
use segue_scene::palette::Palette;

use super::error::BundleError;
use super::loader::Bundle;
use super::network::Network;
use super::writer::NetworkWeights;

/// What training leaves and a bundle holds. A network that was not trained, or whose files have
/// not arrived, is absent.
#[derive(Debug, Clone)]
pub struct Networks {
    /// Sizes of the networks, and constants measured in training.
    pub config: ModelConfig,
    /// The classes that they know.
    pub palette: Palette,
    /// Captions to sub-words.
    pub tokenizer: Option<Tokenizer>,
    /// [`Network::Text`]
    pub text: Option<TextEncoder>,
    /// [`Network::Planner`]
    pub planner: Option<Planner>,
    /// [`Network::Mapper`]
    pub mapper: Option<Mapper>,
    /// [`Network::Denoiser`]
    pub denoiser: Option<Denoiser>,
    /// [`Network::Decoder`]
    pub decoder: Option<Decoder>,
    /// [`Network::JudgeB`]
    pub judge_b: Option<DilatedJudge>,
    /// [`Network::JudgeA`]
    pub judge_a: Option<UNetJudge>,
    /// [`Network::Encoder`]
    pub encoder: Option<Encoder>,
    /// [`Network::Scorer`]
    pub scorer: Option<Scorer>,
    /// [`Network::Segmenter`]
    pub segmenter: Option<Segmenter>,
}

impl Networks {
    /// No network yet.
    pub fn new(config: ModelConfig, palette: Palette) -> Self {
        Self {
            config,
            palette,
            tokenizer: None,
            text: None,
            planner: None,
            mapper: None,
            denoiser: None,
            decoder: None,
            judge_b: None,
            judge_a: None,
            encoder: None,
            scorer: None,
            segmenter: None,
        }
    }

    /// The networks of a bundle, each on the device that `device_of` chooses for it. Those that are
    /// optional may be missing among the files.
    ///
    /// # Errors
    /// [`BundleError`]: files of a network that is not optional are missing, or tensors are not
    /// those of this program's networks.
    pub fn load(
        bundle: &Bundle,
        device_of: impl Fn(Network) -> Device,
    ) -> Result<Self, BundleError> {
        let config = bundle.config().clone();
        let load = Load { bundle, device_of };
        let tokenizer = bundle.has_tokenizer().then(|| bundle.tokenizer());
        Ok(Self {
            tokenizer: tokenizer.transpose()?,
            text: load.network(Network::Text, |device| config.text.init(device))?,
            planner: load.network(Network::Planner, |device| config.planner.init(device))?,
            mapper: load.network(Network::Mapper, |device| config.mapper.init(device))?,
            denoiser: load.network(Network::Denoiser, |device| config.denoiser.init(device))?,
            decoder: load.network(Network::Decoder, |device| {
                config.autoencoder.init_decoder(device)
            })?,
            judge_b: load.network(Network::JudgeB, |device| config.judge_b.init(device))?,
            judge_a: load.network(Network::JudgeA, |device| config.judge_a.init(device))?,
            encoder: load.network(Network::Encoder, |device| {
                config.autoencoder.init_encoder(device)
            })?,
            scorer: load.network(Network::Scorer, |device| config.scorer.init(device))?,
            segmenter: load.network(Network::Segmenter, |device| config.segmenter.init(device))?,
            palette: bundle.palette().clone(),
            config,
        })
    }

    /// The weights of the networks that are there, in the order of first use.
    ///
    /// # Errors
    /// [`BundleError::Device`].
    pub async fn weights(&self) -> Result<Vec<NetworkWeights>, BundleError> {
        let read = [
            read(Network::Text, &self.text).await?,
            read(Network::Planner, &self.planner).await?,
            read(Network::Mapper, &self.mapper).await?,
            read(Network::Denoiser, &self.denoiser).await?,
            read(Network::Decoder, &self.decoder).await?,
            read(Network::JudgeB, &self.judge_b).await?,
            read(Network::JudgeA, &self.judge_a).await?,
            read(Network::Encoder, &self.encoder).await?,
            read(Network::Scorer, &self.scorer).await?,
            read(Network::Segmenter, &self.segmenter).await?,
        ];
        Ok(read.into_iter().flatten().collect())
    }
}

async fn read<M: Module>(
    network: Network,
    module: &Option<M>,
) -> Result<Option<NetworkWeights>, BundleError> {
    match module {
        Some(module) => NetworkWeights::read(network, module).await.map(Some),
        None => Ok(None),
    }
}

struct Load<'a, F> {
    bundle: &'a Bundle,
    device_of: F,
}

impl<F: Fn(Network) -> Device> Load<'_, F> {
    fn network<M: Module>(
        &self,
        network: Network,
        init: impl FnOnce(&Device) -> M,
    ) -> Result<Option<M>, BundleError> {
        let is_absent = !self.bundle.networks().contains(&network)
            || (network.is_optional() && !self.bundle.has(network));
        if is_absent {
            return Ok(None);
        }
        let module = init(&(self.device_of)(network));
        self.bundle.load_into(network, module).map(Some)
    }
}
