//! A picture as a PNG that says where it comes from.

use png::{BitDepth, ColorType, Encoder, EncodingError};
use segue_pipeline::drawing::Picture;
use segue_scene::verdict::Verdict;

/// The picture with prompt, seed and weights in its text chunks, as `segue generate` writes it.
///
/// # Errors
/// Where the library refuses.
pub(crate) fn png(picture: &Picture, verdict: &Verdict) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width as u32, picture.height as u32);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let origin = serde_json::json!({
        "prompt": verdict.prompt,
        "seed": verdict.seed,
        "weights": verdict.weights,
    });
    let texts = [
        ("Title", verdict.prompt.clone()),
        ("Software", format!("Segue {}", env!("CARGO_PKG_VERSION"))),
        ("Segue", origin.to_string()),
    ];
    for (keyword, text) in texts {
        encoder.add_itxt_chunk(keyword.to_owned(), text)?;
    }
    encoder.write_header()?.write_image_data(&picture.rgb)?;
    Ok(bytes)
}
