//! PNG files of the data set: pictures in RGB, class maps in palette colours, other maps in grey.
//!
//! Written for speed: the pictures of a hundred thousand scenes must not wait for a compressor.

use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;

use image::RgbImage;
use png::{BitDepth, ColorType, Compression, Encoder, Filter, Transformations};

use crate::error::DataError;

/// An 8-bit map as it stands in its file, with the colours of an indexed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreyMap {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height` values, row by row from the top left.
    pub values: Vec<u8>,
    /// The colour table of an indexed file, three bytes an entry.
    pub colours: Option<Vec<u8>>,
}

/// Encodes a picture, 8 bits a channel, in little time.
///
/// # Panics
/// Where `pixels` is not `width * height * 3` long.
pub fn encode_rgb(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let pace = (Compression::Fast, Filter::Paeth);
    encode(width, height, Pixels::Rgb(&[]), pace, pixels)
}

/// Encodes a picture, 8 bits a channel, in few bytes, with texts that travel with it, as keywords and
/// values.
///
/// # Panics
/// Where `pixels` is not `width * height * 3` long, or a keyword is not of 1 to 79 Latin letters.
pub fn encode_rgb_small(
    width: u32,
    height: u32,
    pixels: &[u8],
    texts: &[(&str, String)],
) -> Vec<u8> {
    let pace = (Compression::High, Filter::Adaptive);
    encode(width, height, Pixels::Rgb(texts), pace, pixels)
}

/// Maps are runs of one value: differences to the line above are mostly 0.
const MAP_PACE: (Compression, Filter) = (Compression::Fast, Filter::Up);

/// Encodes a map whose values are indices into `colours` (three bytes an entry).
///
/// # Panics
/// Where `values` is not `width * height` long.
pub fn encode_indexed(width: u32, height: u32, values: &[u8], colours: &[u8]) -> Vec<u8> {
    encode(width, height, Pixels::Indexed(colours), MAP_PACE, values)
}

/// Encodes a map of 8-bit values.
///
/// # Panics
/// Where `values` is not `width * height` long.
pub fn encode_grey(width: u32, height: u32, values: &[u8]) -> Vec<u8> {
    encode(width, height, Pixels::Grey, MAP_PACE, values)
}

/// What the bytes of a file are.
enum Pixels<'a> {
    /// Three bytes a pixel; with texts.
    Rgb(&'a [(&'a str, String)]),
    /// An index into these colours.
    Indexed(&'a [u8]),
    /// A value.
    Grey,
}

fn encode(
    width: u32,
    height: u32,
    pixels: Pixels<'_>,
    (compression, filter): (Compression, Filter),
    data: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len() / 2 + 1024);
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(compression);
    encoder.set_filter(filter);
    match pixels {
        Pixels::Rgb(texts) => {
            encoder.set_color(ColorType::Rgb);
            for (keyword, text) in texts {
                encoder
                    .add_itxt_chunk((*keyword).to_owned(), text.clone())
                    .expect("keywords are short Latin words");
            }
        }
        Pixels::Indexed(colours) => {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(Cow::Borrowed(colours));
        }
        Pixels::Grey => encoder.set_color(ColorType::Grayscale),
    }
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(data).and_then(|()| writer.finish()));
    written.expect("a vector takes every byte, and the data have the size of the header");
    bytes
}

/// Reads a picture as RGB, whatever channels the PNG has.
///
/// # Errors
/// [`DataError`] names the file: unreadable, truncated, or not a PNG.
pub fn read_rgb(path: &Path) -> Result<RgbImage, DataError> {
    let bytes = read_bytes(path)?;
    let image = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png)
        .map_err(|error| DataError::unexpected(path, "a PNG picture", describe(&bytes, &error)))?;
    Ok(image.into_rgb8())
}

/// Reads an 8-bit map: the indices of an indexed PNG, the values of a grey one.
///
/// # Errors
/// [`DataError`] names the file: unreadable, truncated, or of another kind.
pub fn read_map(path: &Path) -> Result<GreyMap, DataError> {
    let bytes = read_bytes(path)?;
    decode_map(&bytes, path)
}

fn decode_map(bytes: &[u8], path: &Path) -> Result<GreyMap, DataError> {
    let broken = |error: png::DecodingError| {
        DataError::unexpected(path, "a PNG map", describe(bytes, &error))
    };
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(broken)?;
    let info = reader.info();
    let (width, height) = (info.width, info.height);
    let colours = info.palette.as_ref().map(|colours| colours.to_vec());
    let (colour, depth) = reader.output_color_type();
    let one_byte =
        depth == BitDepth::Eight && matches!(colour, ColorType::Grayscale | ColorType::Indexed);
    if !one_byte {
        return Err(DataError::unexpected(
            path,
            "a map of 8 bits a pixel, grey or indexed",
            format!("{colour:?} of {} bits a channel", depth as u8),
        ));
    }
    let mut values = vec![0; width as usize * height as usize];
    reader.next_frame(&mut values).map_err(broken)?;
    reader.finish().map_err(broken)?;
    Ok(GreyMap {
        width,
        height,
        values,
        colours,
    })
}

/// Reads a file of the data set.
///
/// # Errors
/// [`DataError`] names the file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    if !path.exists() {
        return Err(DataError::missing(path, "a file of the data set"));
    }
    std::fs::read(path).map_err(DataError::io("read", path))
}

/// What stands in a file that is no whole PNG.
fn describe(bytes: &[u8], error: &dyn std::error::Error) -> String {
    if bytes.is_empty() {
        return "an empty file".to_owned();
    }
    if !bytes.starts_with(b"\x89PNG") {
        return "a file that is not PNG".to_owned();
    }
    format!("{} bytes that cannot be decoded ({error})", bytes.len())
}
