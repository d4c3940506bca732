//! Files as cameras, programs and attackers make them.

use std::io::Cursor;

use image::{ImageEncoder as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

/// Left half red, right half blue.
fn two_colours(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 {
            Rgb([220, 20, 20])
        } else {
            Rgb([20, 20, 220])
        }
    })
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut content = Cursor::new(Vec::new());
    picture.write_to(&mut content, format).unwrap();
    content.into_inner()
}

/// A camera's file: an EXIF block with a position, the camera's name and `orientation`, before the pixels.
fn photograph(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let mut content = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut content, 90);
    encoder.set_exif_metadata(exif(orientation)).unwrap();
    encoder.encode_image(&two_colours(width, height)).unwrap();
    content
}

/// A TIFF directory, little-endian: Make, Orientation, and a GPS directory with a latitude.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [
            &tag.to_le_bytes()[..],
            &kind.to_le_bytes(),
            &count.to_le_bytes(),
            &value.to_le_bytes(),
        ]
        .concat()
    };
    tiff.extend(entry(0x010f, 2, 16, 50)); // Make, at byte 50
    tiff.extend(entry(0x0112, 3, 1, orientation.into()));
    tiff.extend(entry(0x8825, 4, 1, 66)); // GPS directory, at byte 66
    tiff.extend([0; 4]);
    assert_eq!(tiff.len(), 50);
    tiff.extend(b"SpyCam Deluxe X\0");
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, u32::from(b'N')));
    tiff.extend(entry(2, 5, 3, 96)); // GPSLatitude, at byte 96
    tiff.extend([0; 4]);
    for (numerator, denominator) in [(48_u32, 1_u32), (51, 1), (2914, 100)] {
        tiff.extend(numerator.to_le_bytes());
        tiff.extend(denominator.to_le_bytes());
    }
    tiff
}

fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_photograph_comes_out_upright_and_without_what_it_told_about_its_owner() {
    // 6: the camera was held upright, its right side is the picture's top.
    let sent = photograph(64, 32, 6);
    assert!(
        contains(&sent, b"SpyCam") && contains(&sent, b"Exif"),
        "the file is what it should be"
    );
    let rendered = render(&sent).unwrap();
    assert_eq!((rendered.kind, rendered.width, rendered.height), (Kind::Jpeg, 32, 64));
    let shown = image::load_from_memory(&rendered.picture).unwrap().into_rgb8();
    let (top, bottom) = (shown.get_pixel(16, 8), shown.get_pixel(16, 56));
    assert!(top[0] > 150 && top[2] < 100, "red is above: {top:?}");
    assert!(bottom[2] > 150 && bottom[0] < 100, "blue is below: {bottom:?}");
    for file in [&rendered.picture, &rendered.thumbnail] {
        for trace in [&b"Exif"[..], b"SpyCam", b"ICC_PROFILE", b"http:", b"GPS"] {
            assert!(!contains(file, trace), "{}", String::from_utf8_lossy(trace));
        }
    }
}

#[test]
fn every_orientation_stands_upright() {
    for (orientation, red_at) in [(1, (8, 16)), (2, (56, 16)), (3, (56, 16)), (4, (8, 16))] {
        let shown = image::load_from_memory(&render(&photograph(64, 32, orientation)).unwrap().picture).unwrap();
        let pixel = shown.into_rgb8().get_pixel(red_at.0, red_at.1).0;
        assert!(pixel[0] > 150 && pixel[2] < 100, "{orientation}: {pixel:?}");
    }
    for (orientation, red_at) in [(5, (16, 8)), (6, (16, 8)), (7, (16, 56)), (8, (16, 56))] {
        let shown = image::load_from_memory(&render(&photograph(64, 32, orientation)).unwrap().picture).unwrap();
        let pixel = shown.into_rgb8().get_pixel(red_at.0, red_at.1).0;
        assert!(pixel[0] > 150 && pixel[2] < 100, "{orientation}: {pixel:?}");
    }
}

#[test]
fn large_pictures_shrink_in_their_proportions_and_small_ones_stay() {
    for ((width, height), expected, small) in [
        ((2000, 1000), (1600, 800), (480, 240)),
        ((900, 3600), (400, 1600), (120, 480)),
        ((4000, 2), (1600, 1), (480, 1)),
        ((300, 200), (300, 200), (300, 200)),
    ] {
        let rendered = render(&file(&two_colours(width, height).into(), ImageFormat::Jpeg)).unwrap();
        assert_eq!((rendered.width, rendered.height), expected);
        let thumbnail = image::load_from_memory(&rendered.thumbnail).unwrap();
        assert_eq!((thumbnail.width(), thumbnail.height()), small);
    }
}

#[test]
fn only_what_shines_through_stays_without_loss() {
    let clear = RgbaImage::from_fn(40, 30, |x, _| Rgba([200, 100, 50, if x < 20 { 0 } else { 255 }]));
    let opaque = RgbaImage::from_pixel(40, 30, Rgba([200, 100, 50, 255]));
    for (picture, kind) in [(clear, Kind::Webp), (opaque, Kind::Jpeg)] {
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let rendered = render(&file(&picture.clone().into(), format)).unwrap();
            assert_eq!(rendered.kind, kind, "{format:?}");
            let back = image::guess_format(&rendered.picture).unwrap();
            assert_eq!(
                back,
                if kind == Kind::Jpeg {
                    ImageFormat::Jpeg
                } else {
                    ImageFormat::WebP
                }
            );
        }
    }
    let grey = DynamicImage::ImageLuma16(image::ImageBuffer::from_pixel(8, 8, image::Luma([40_000])));
    assert_eq!(render(&file(&grey, ImageFormat::Png)).unwrap().kind, Kind::Jpeg);
}

/// A PNG whose header promises `width` × `height` pixels and whose body is a few bytes.
fn bomb(width: u32, height: u32, bits: u8) -> Vec<u8> {
    let mut content = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([bits, 6, 0, 0, 0]);
    for (kind, data) in [
        (b"IHDR", &header[..]),
        (b"IDAT", b"x\x9c\x03\0\0\0\0\x01"),
        (b"IEND", b""),
    ] {
        content.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let begin = content.len();
        content.extend(kind);
        content.extend(data);
        content.extend(crc(&content[begin..]).to_be_bytes());
    }
    content
}

fn crc(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    assert_eq!(megapixels(&bomb(100, 100, 8)), Ok(1), "the header itself is good");
    for (width, height, bits) in [
        (100_000, 100_000, 8),
        (8_000, 8_000, 8),
        (40_000, 100, 8),
        (6_000, 5_000, 16),
    ] {
        let content = bomb(width, height, bits);
        assert_eq!(megapixels(&content), Err(Refusal::TooManyPixels), "{width}×{height}");
        assert_eq!(render(&content).unwrap_err(), Refusal::TooManyPixels);
    }
    assert_eq!(
        megapixels(&bomb(8_000, 5_000, 8)),
        Ok(40),
        "the limit itself is allowed"
    );
    assert_eq!(render(&bomb(100, 100, 8)).unwrap_err(), Refusal::Damaged);
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_says() {
    let html = b"<!doctype html><script>alert(1)</script>";
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1";
    let bmp = b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0";
    for content in [&html[..], svg, heic, bmp, b"%PDF-1.7", b"{}", b""] {
        assert_eq!(
            render(content).unwrap_err(),
            Refusal::UnknownKind,
            "{}",
            String::from_utf8_lossy(content)
        );
    }
    let whole = file(&two_colours(200, 200).into(), ImageFormat::Png);
    for content in [
        &whole[..whole.len() / 2],
        b"GIF89a\x01\0\x01\0<script>alert(1)</script>",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
    ] {
        assert_eq!(render(content).unwrap_err(), Refusal::Damaged);
    }
}

/// A file that is a picture and a page at once loses the page.
#[test]
fn nothing_hides_behind_the_pixels() {
    let script = b"<script>alert(document.domain)</script>";
    let mut comment = Vec::new();
    let mut encoder = JpegEncoder::new(&mut comment);
    encoder.set_icc_profile(script.repeat(50)).unwrap();
    encoder.encode_image(&two_colours(16, 16)).unwrap();
    let mut appended = file(&two_colours(16, 16).into(), ImageFormat::Png);
    appended.extend(script);
    for sent in [comment, appended] {
        assert!(contains(&sent, script));
        let rendered = render(&sent).unwrap();
        assert!(!contains(&rendered.picture, b"script") && !contains(&rendered.thumbnail, b"script"));
    }
}

/// However a picture is broken, it is an answer and no panic.
#[test]
fn broken_bytes_never_panic() {
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    for format in formats {
        let whole = file(&two_colours(10, 6).into(), format);
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xa5;
            let _ = render(&broken);
            let _ = render(&whole[..at]);
        }
    }
}
