//! Initialisation sections: `ftyp` + `moov`.

use bytes::Bytes;
use mp4_atom::{
    Atom, Audio, Avc1, Avcc, Codec, Dinf, Dref, Encode, FixedPoint, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov, Mp4a, Mvex,
    Mvhd, Smhd, Stbl, Stco, Stsd, Tkhd, Trak, Trex, Url, Visual, Vmhd, esds,
};

use super::{AUDIO_TRACK_ID, Error, VIDEO_TRACK_ID};
use crate::codec::{aac, h264};
use crate::time::VIDEO_90K;

/// Sample flags of a picture that others are needed to decode (ISO/IEC 14496-12 §8.8.3.1).
pub(super) const FLAGS_DEPENDENT: u32 = 0x0101_0000;
/// Sample flags of a sync sample.
pub(super) const FLAGS_SYNC: u32 = 0x0200_0000;

/// The initialisation section of a stream with these tracks.
///
/// Video counts in 90 kHz, audio in its sample rate. Errors: malformed configuration, or none at all.
pub fn init_section(video: Option<&h264::Config>, audio: Option<&aac::Config>) -> Result<Bytes, Error> {
    if video.is_none() && audio.is_none() {
        return Err(Error::NoTrack);
    }
    let mut bytes = Vec::with_capacity(2_048);
    Ftyp {
        major_brand: b"iso6".into(),
        minor_version: 0,
        compatible_brands: vec![b"iso6".into(), b"cmfc".into(), b"mp41".into()],
    }
    .encode(&mut bytes)?;
    let mut moov = Moov {
        mvhd: Mvhd {
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: AUDIO_TRACK_ID + 1,
            ..Mvhd::default()
        },
        mvex: Some(Mvex::default()),
        ..Moov::default()
    };
    if let Some(config) = video {
        add(&mut moov, video_track(config)?, FLAGS_DEPENDENT);
    }
    if let Some(config) = audio {
        add(&mut moov, audio_track(config)?, FLAGS_SYNC);
    }
    moov.encode(&mut bytes)?;
    Ok(bytes.into())
}

fn add(moov: &mut Moov, track: Trak, default_sample_flags: u32) {
    let trex = Trex {
        track_id: track.tkhd.track_id,
        default_sample_description_index: 1,
        default_sample_flags,
        ..Trex::default()
    };
    moov.mvex.get_or_insert_default().trex.push(trex);
    moov.trak.push(track);
}

fn video_track(config: &h264::Config) -> Result<Trak, Error> {
    let avcc = Avcc::decode_body(&mut config.record.as_ref()).map_err(Error::VideoRecord)?;
    let entry = Avc1 {
        visual: Visual {
            data_reference_index: 1,
            width: config.width,
            height: config.height,
            ..Visual::default()
        },
        avcc,
        ..Avc1::default()
    };
    let mut track = track(VIDEO_TRACK_ID, VIDEO_90K, b"vide", "VideoHandler", entry.into());
    track.tkhd.width = config.width.into();
    track.tkhd.height = config.height.into();
    track.mdia.minf.vmhd = Some(Vmhd::default());
    Ok(track)
}

fn audio_track(config: &aac::Config) -> Result<Trak, Error> {
    if config.sample_rate_hz == 0 {
        return Err(Error::NoSampleRate);
    }
    let decoder = esds::DecoderConfig {
        object_type_indication: 0x40, // MPEG-4 audio; the record says which kind
        stream_type: 0x05,
        dec_specific: Some(esds::DecoderSpecific {
            raw: config.record.to_vec(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let entry = Mp4a {
        audio: Audio {
            data_reference_index: 1,
            channel_count: config.channels.into(),
            sample_size: 16,
            // 16.16 fixed point cannot say 88.2 or 96 kHz; zero sends readers to the timescale and the record.
            sample_rate: FixedPoint::from(u16::try_from(config.sample_rate_hz).unwrap_or(0)),
        },
        esds: esds::Esds {
            es_desc: esds::EsDescriptor {
                es_id: 0,
                dec_config: decoder,
                ..Default::default()
            },
        },
        btrt: None,
        taic: None,
    };
    let mut track = track(
        AUDIO_TRACK_ID,
        config.sample_rate_hz,
        b"soun",
        "SoundHandler",
        entry.into(),
    );
    track.tkhd.volume = 1.into();
    track.tkhd.alternate_group = 1;
    track.mdia.minf.smhd = Some(Smhd::default());
    Ok(track)
}

fn track(track_id: u32, timescale: u32, handler: &[u8; 4], name: &str, entry: Codec) -> Trak {
    Trak {
        tkhd: Tkhd {
            track_id,
            enabled: true,
            in_movie: true,
            ..Tkhd::default()
        },
        mdia: Mdia {
            mdhd: Mdhd {
                timescale,
                language: "und".into(),
                ..Mdhd::default()
            },
            hdlr: Hdlr {
                handler: handler.into(),
                name: name.into(),
            },
            minf: Minf {
                dinf: Dinf {
                    dref: Dref {
                        entries: vec![Url::default().into()],
                    },
                },
                stbl: Stbl {
                    stsd: Stsd { codecs: vec![entry] },
                    // Samples are in the fragments; the tables are required and empty.
                    stco: Some(Stco::default()),
                    ..Stbl::default()
                },
                ..Minf::default()
            },
        },
        ..Trak::default()
    }
}
