//! The segmenter before its adversarial use: it learns to name the classes of real pictures.

use std::sync::Arc;

use burn::tensor::Device;
use segue_diffusion::losses::{balanced_cross_entropy, soft_jaccard};
use segue_model::autoencoder::Autoencoder;
use segue_model::segmenter::Segmenter;
use segue_scene::agreement::Confusion;
use segue_scene::palette::ClassId;

use crate::metrics::Measure;
use crate::optimize::{OptimizeConfig, Optimized, Update};
use crate::peers::Peer;
use crate::pictures::{Picture, PictureError, PictureSource, half_map_tensor, image_tensor};
use crate::round_trip::half_round_tripped;
use crate::segmentation::{argmax, ints};
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// Pixels of void are not labelled: they teach nothing and count nothing.
const VOID: ClassId = ClassId(0);

/// Training of the segmenter on real pictures: class-balanced cross-entropy of its N+1 logits, the
/// real term of ALDM's discriminator loss (arXiv:2401.08815), and what is missing of the classes'
/// overlap ([`soft_jaccard`]).
pub struct SegmenterStage {
    /// The segmenter and its optimizer.
    pub net: Optimized<Segmenter>,
    name: &'static str,
    pictures: PictureSource,
    round_trips: Option<Autoencoder>,
    held_out: Vec<Picture>,
    n_classes: usize,
    flop_per_image: f64,
    device: Device,
}

/// What the segmenter's stage is made of beside the network.
pub struct SegmenterStageSetup {
    /// The name of the stage.
    pub name: &'static str,
    /// Pictures to learn from.
    pub pictures: PictureSource,
    /// The autoencoder, without autodiff, through which half of the pictures go first.
    pub round_trips: Option<Autoencoder>,
    /// Pictures to be validated on.
    pub held_out: Vec<Picture>,
    /// Classes of the palette.
    pub n_classes: usize,
    /// Forward FLOP for one picture.
    pub forward_flop: f64,
    /// How it is optimized.
    pub optimize: OptimizeConfig,
}

impl SegmenterStage {
    /// A stage for a segmenter that lives on an autodiff device.
    pub fn new(segmenter: Segmenter, setup: SegmenterStageSetup, device: &Device) -> Self {
        Self {
            net: Optimized::new(segmenter, setup.optimize),
            name: setup.name,
            pictures: setup.pictures,
            round_trips: setup.round_trips,
            held_out: setup.held_out,
            n_classes: setup.n_classes,
            flop_per_image: 3.0 * setup.forward_flop,
            device: device.clone(),
        }
    }
}

impl Stage for SegmenterStage {
    type Sample = Result<Picture, PictureError>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        self.pictures.prepare()
    }

    fn join(&mut self, peer: Arc<Peer>) {
        self.net.join(peer);
    }

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        _images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let batch: Vec<Picture> = batch.into_iter().collect::<Result<_, _>>()?;
        let image = image_tensor(&batch, &self.device);
        let image = half_round_tripped(image, self.round_trips.as_ref());
        let logits = self.net.model.forward(image);
        let labels = half_map_tensor(&batch, &self.device, |p| &p.judged.map.classes);
        let void = Some(usize::from(VOID.0));
        let loss = balanced_cross_entropy(logits.clone(), labels.clone(), void)
            + soft_jaccard(logits, labels, void);
        let update = self.net.learn(&mut loss.backward(), batch.len() as u64)?;
        let mut measures = vec![("loss", f64::from(loss.inner().into_scalar::<f32>()))];
        measures.extend(update.iter().flat_map(Update::measures));
        Ok(measures)
    }

    fn validate(&mut self) -> Validation {
        let device = self.device.clone().inner();
        let mut confusion = Confusion::new(self.n_classes + 1);
        for batch in self.held_out.chunks(16) {
            let logits = self.net.ema.forward(image_tensor(batch, &device));
            let labels = half_map_tensor(batch, &device, |p| &p.judged.map.classes);
            confusion.add(&argmax(logits), &ints(labels));
        }
        let mean_iou = confusion.mean_iou();
        Validation {
            score: mean_iou,
            measures: vec![("mean_iou", mean_iou)],
        }
    }

    fn picture(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn flop_per_image(&self) -> f64 {
        self.flop_per_image
    }

    fn save(&self) -> Result<Parts, StageError> {
        self.net.save("segmenter")
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        Ok(Self {
            net: self.net.restore("segmenter", &parts)?,
            ..self
        })
    }
}
