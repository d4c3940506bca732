//! From a file of anybody's to two files of ours: upright, of bounded size, and with nothing in them but the picture.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Longest side of a stored picture, pixels: fills a laptop's screen.
const SIDE_MAX: u32 = 1_600;
/// Longest side of a thumbnail, pixels: a card at twice the density.
const THUMBNAIL_SIDE_MAX: u32 = 480;
/// Most pixels that are decoded, in megapixels: more than most cameras make, and 160 MB while it lasts.
pub(super) const MEGAPIXELS_MAX: u64 = 40;
/// Longest side that is decoded, pixels; a panorama.
const DECODED_SIDE_MAX: u32 = 32_768;
/// Most memory for the decoded pixels: [`MEGAPIXELS_MAX`] with alpha, or half as many with 16 bits a channel.
const DECODED_BYTES_MAX: u64 = MEGAPIXELS_MAX * 1_000_000 * 4;
/// Where photographs stop getting visibly better.
const JPEG_QUALITY: u8 = 82;

/// A picture and its thumbnail, ready to be stored.
#[derive(Debug)]
pub(super) struct Rendered {
    /// The picture.
    pub picture: Bytes,
    /// The same, small.
    pub thumbnail: Bytes,
    /// What both are.
    pub kind: Kind,
    /// Pixels of the picture.
    pub width: u32,
    /// Pixels of the picture.
    pub height: u32,
}

/// What we store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Opaque pictures.
    Jpeg,
    /// Pictures that something shines through, without loss.
    Webp,
}

impl Kind {
    /// The end of a file's name.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }

    /// The kind that a name ends in.
    pub(super) fn of_extension(extension: &str) -> Option<Self> {
        [Self::Jpeg, Self::Webp]
            .into_iter()
            .find(|kind| kind.extension() == extension)
    }

    /// Its media type.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }
}

/// Why a file is not taken; a sentence whose subject is the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its first bytes are of none of the kinds that we read.
    UnknownKind,
    /// More pixels or more memory than we spend.
    TooManyPixels,
    /// It says that it is one of ours and cannot be read as one.
    Damaged,
}

impl Refusal {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::UnknownKind => "must be a JPEG, PNG, WebP or GIF file",
            Self::TooManyPixels => "must have at most 40 megapixels, and 20 with 16 bits a channel",
            Self::Damaged => "cannot be read: the file is damaged or cut short",
        }
    }
}

/// What decoding a file costs, in whole megapixels, from its header alone.
pub(super) fn megapixels(content: &[u8]) -> Result<u32, Refusal> {
    let (width, height) = decoder(content)?.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    u32::try_from(pixels.div_ceil(1_000_000).max(1)).map_err(|_| Refusal::TooManyPixels)
}

/// Decodes, turns, shrinks and encodes; takes up to a second of a processor.
pub(super) fn render(content: &[u8]) -> Result<Rendered, Refusal> {
    let mut decoder = decoder(content)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Damaged)?;
    let mut picture = shrink(decoded, SIDE_MAX);
    picture.apply_orientation(orientation);
    let kind = if is_opaque(&picture) { Kind::Jpeg } else { Kind::Webp };
    // Eight bits a channel, whatever came.
    let picture = match kind {
        Kind::Jpeg => DynamicImage::ImageRgb8(picture.into_rgb8()),
        Kind::Webp => DynamicImage::ImageRgba8(picture.into_rgba8()),
    };
    let encoded = encode(&picture, kind)?;
    let (width, height) = (picture.width(), picture.height());
    let thumbnail = encode(&shrink(picture, THUMBNAIL_SIDE_MAX), kind)?;
    Ok(Rendered {
        picture: encoded,
        thumbnail,
        kind,
        width,
        height,
    })
}

/// The file's decoder, once its header was found to be within the limits.
fn decoder(content: &[u8]) -> Result<impl ImageDecoder, Refusal> {
    // The bytes decide, not what anybody calls them.
    let format = image::guess_format(content).map_err(|_| Refusal::UnknownKind)?;
    if !matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif
    ) {
        return Err(Refusal::UnknownKind);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(DECODED_SIDE_MAX);
    limits.max_image_height = Some(DECODED_SIDE_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| match error {
        image::ImageError::Limits(_) => Refusal::TooManyPixels,
        _ => Refusal::Damaged,
    })?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MEGAPIXELS_MAX * 1_000_000 || decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(Refusal::TooManyPixels);
    }
    if pixels == 0 {
        return Err(Refusal::Damaged);
    }
    Ok(decoder)
}

/// The picture with its longest side at most `side`, in its proportions; never enlarged.
fn shrink(picture: DynamicImage, side: u32) -> DynamicImage {
    let (width, height) = (picture.width(), picture.height());
    let longest = width.max(height);
    if longest <= side {
        return picture;
    }
    let scaled = |length: u32| {
        let exact = (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(exact).unwrap_or(side).max(1)
    };
    let (width, height) = (scaled(width), scaled(height));
    // A coarse step first: the fine filter keeps its intermediate picture in floats, four times as large.
    let near = if longest / 2 > side {
        picture.thumbnail_exact(width * 2, height * 2)
    } else {
        picture
    };
    near.resize_exact(width, height, FilterType::CatmullRom)
}

fn is_opaque(picture: &DynamicImage) -> bool {
    !picture.color().has_alpha() || picture.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX)
}

fn encode(picture: &DynamicImage, kind: Kind) -> Result<Bytes, Refusal> {
    let mut content = Vec::new();
    let written = match kind {
        Kind::Jpeg => picture.write_with_encoder(JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY)),
        Kind::Webp => picture.write_with_encoder(WebPEncoder::new_lossless(&mut content)),
    };
    written.map_err(|_| Refusal::Damaged)?;
    Ok(content.into())
}

#[cfg(test)]
#[path = "raster_tests.rs"]
mod tests;
