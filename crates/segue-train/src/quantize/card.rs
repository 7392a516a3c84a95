//! The model card: a manifest in words.

use std::fmt::Write;

use segue_pipeline::bundle::encoding::Encoding;
use segue_pipeline::bundle::manifest::{Manifest, NetworkEntry, TensorEntry};
use serde_json::Value;

/// The model card of a bundle, in Markdown.
pub(super) fn card(manifest: &Manifest) -> String {
    [
        heading(manifest),
        networks(&manifest.networks),
        training(manifest),
        scores(manifest),
        knowledge(manifest),
    ]
    .join("\n")
}

fn heading(manifest: &Manifest) -> String {
    let (preset, side) = (&manifest.preset, manifest.config.image_size);
    let what = match &manifest.variant {
        Some(variant) => format!(
            "# Segue `{preset}`, variant `{}`\n\n\
             The tensors in which this variant differs from the weights\n`{}` in the folder above.\n",
            variant.name, variant.base
        ),
        None => format!(
            "# Segue `{preset}`\n\n\
             Weights of the networks that turn a prompt into a plan, the plan into a segmentation \
             map, and\nthe map into a picture, and of the judges that compare the picture with the \
             prompt.\n"
        ),
    };
    format!(
        "{what}\n\
         - pictures of {side}x{side} pixels\n\
         - weights `{}`\n\
         - licence MIT OR Apache-2.0, as Segue\n\n\
         This page is made from `manifest.json` by `segue quantize`.\n",
        manifest.identity
    )
}

fn networks(networks: &[NetworkEntry]) -> String {
    let mut text = "## Networks\n\n\
         Layers' weights are stored in 8 bits, one scale for each output channel; norms, biases, \
         positions and\nsmall layers in 16 bits. The error is what storing lost of a tensor, \
         relative to its norm.\n\n\
         | network | parameters | bytes | in 8 bits | largest error |\n|---|--:|--:|--:|--:|\n"
        .to_owned();
    for network in networks {
        let tensors = &network.tensors;
        let all = numbers(tensors.iter());
        let is_i8 = |tensor: &&TensorEntry| matches!(tensor.encoding, Encoding::I8 { .. });
        let share = numbers(tensors.iter().filter(is_i8)) as f64 / all.max(1) as f64;
        let error = tensors
            .iter()
            .fold(0f32, |error, tensor| error.max(tensor.error));
        line(
            &mut text,
            &[
                network.name.to_string(),
                all.to_string(),
                network.bytes().to_string(),
                format!("{:.0} %", 100.0 * share),
                format!("{:.2} %", 100.0 * error),
            ],
        );
    }
    text
}

fn numbers<'a>(tensors: impl Iterator<Item = &'a TensorEntry>) -> usize {
    tensors
        .map(|tensor| tensor.shape.iter().product::<usize>())
        .sum()
}

fn training(manifest: &Manifest) -> String {
    let provenance = &manifest.provenance;
    let mut text = format!(
        "## Training\n\n```\n{}\n```\n\nat commit `{}`.\n\n| stage | images |\n|---|--:|\n",
        provenance.command, provenance.commit
    );
    for (stage, images) in &provenance.images {
        line(&mut text, &[stage.clone(), images.to_string()]);
    }
    text
}

fn scores(manifest: &Manifest) -> String {
    let scores = &manifest.provenance.scores;
    if scores.is_empty() {
        return "## Measured\n\nNothing yet.\n".to_owned();
    }
    let mut text = "## Measured\n\n| score | value |\n|---|--:|\n".to_owned();
    for (name, value) in scores {
        score(&mut text, name, value);
    }
    text
}

/// One line for each number, named by its path.
fn score(text: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                score(text, &format!("{name}.{member}"), value);
            }
        }
        Value::String(words) => line(text, &[name.to_owned(), words.clone()]),
        other => line(text, &[name.to_owned(), other.to_string()]),
    }
}

fn knowledge(manifest: &Manifest) -> String {
    let names = manifest.palette.classes.iter().skip(1);
    let names: Vec<&str> = names.map(|class| class.name.as_str()).collect();
    format!(
        "## What the networks know\n\n\
         The classes of the palette `{}`, as its pictures show them, and nothing else:\n{}.\n",
        manifest.palette.name,
        names.join(", ")
    )
}

fn line(text: &mut String, cells: &[String]) {
    writeln!(text, "| {} |", cells.join(" | ")).expect("a String takes all that is written");
}
