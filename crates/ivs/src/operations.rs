//! Every operation of the Amazon IVS family, by method and raw path.
//!
//! Verb paths (`POST /CreateChannel`) are unique over the three IVS services. `/tags/{arn}` is shared: the ARN tells whose
//! it is. `/tags` and `/meetings…` are Amazon Chime SDK meetings. Operations in these tables that this server does not
//! have are recognised, authenticated, and refused by name.

use http::Method;

use crate::sigv4::{decode, pairs};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// An operation with a path of its own.
    Verb {
        /// For instance `CreateChannel`.
        name: &'static str,
        /// Service part of the credential scope.
        signing_name: &'static str,
    },
    /// ListTagsForResource (GET), TagResource (POST) or UntagResource (DELETE).
    Tags {
        /// The ARN, percent-decoded.
        resource_arn: String,
        /// Service part of the credential scope.
        signing_name: &'static str,
    },
    /// Anything of Amazon Chime SDK meetings.
    Meetings,
}

impl Operation {
    /// Service part of the credential scope.
    pub fn signing_name(&self) -> &'static str {
        match self {
            Self::Verb { signing_name, .. } | Self::Tags { signing_name, .. } => signing_name,
            Self::Meetings => "chime",
        }
    }

    /// For logs and refusals.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Verb { name, .. } => name,
            Self::Tags { .. } => "tags",
            Self::Meetings => "Amazon Chime SDK meetings",
        }
    }
}

/// The operation of a method and a raw path; names are case-sensitive.
pub fn find(method: &Method, path: &str) -> Option<Operation> {
    let path = path.strip_prefix('/')?;
    if let Some(arn) = path.strip_prefix("tags/") {
        let is_tag_call = [Method::GET, Method::POST, Method::DELETE].contains(method);
        let resource_arn = String::from_utf8(decode(arn)).ok().filter(|_| is_tag_call)?;
        let signing_name = if resource_arn.starts_with("arn:aws:ivschat:") {
            "ivschat"
        } else {
            "ivs"
        };
        return Some(Operation::Tags {
            resource_arn,
            signing_name,
        });
    }
    if path == "tags" || path == "meetings" || path.starts_with("meetings/") {
        return Some(Operation::Meetings);
    }
    if method != Method::POST {
        return None;
    }
    let among = |names: &'static [&'static str], signing_name| {
        let name = names.iter().find(|name| **name == path)?;
        Some(Operation::Verb { name, signing_name })
    };
    among(&LOW_LATENCY, "ivs")
        .or_else(|| among(&REAL_TIME, "ivs"))
        .or_else(|| among(&CHAT, "ivschat"))
}

/// Every value of a query parameter, percent-decoded, in order.
pub fn query_values(query: &str, name: &str) -> Vec<String> {
    let values = pairs(query).filter(|(key, _)| key == name.as_bytes());
    values
        .map(|(_, value)| String::from_utf8_lossy(&value).into_owned())
        .collect()
}

/// Amazon IVS low-latency streaming, signing name `ivs`.
const LOW_LATENCY: [&str; 43] = [
    "BatchGetChannel",
    "BatchGetStreamKey",
    "BatchStartViewerSessionRevocation",
    "CreateAdConfiguration",
    "CreateChannel",
    "CreateFailoverSlateConfiguration",
    "CreatePlaybackRestrictionPolicy",
    "CreateRecordingConfiguration",
    "CreateStreamKey",
    "DeleteAdConfiguration",
    "DeleteChannel",
    "DeleteFailoverSlateConfiguration",
    "DeletePlaybackKeyPair",
    "DeletePlaybackRestrictionPolicy",
    "DeleteRecordingConfiguration",
    "DeleteStreamKey",
    "GetAdConfiguration",
    "GetChannel",
    "GetFailoverSlateConfiguration",
    "GetPlaybackKeyPair",
    "GetPlaybackRestrictionPolicy",
    "GetRecordingConfiguration",
    "GetStream",
    "GetStreamKey",
    "GetStreamSession",
    "ImportPlaybackKeyPair",
    "InsertAdBreak",
    "ListAdConfigurations",
    "ListChannels",
    "ListFailoverSlateConfigurations",
    "ListPlaybackKeyPairs",
    "ListPlaybackRestrictionPolicies",
    "ListRecordingConfigurations",
    "ListStreamKeys",
    "ListStreamSessions",
    "ListStreams",
    "PutMetadata",
    "StartViewerSessionRevocation",
    "StopStream",
    "UpdateAdConfiguration",
    "UpdateChannel",
    "UpdateFailoverSlateConfiguration",
    "UpdatePlaybackRestrictionPolicy",
];

/// Amazon IVS real-time streaming, which signs as `ivs` too.
const REAL_TIME: [&str; 37] = [
    "CreateEncoderConfiguration",
    "CreateIngestConfiguration",
    "CreateParticipantToken",
    "CreateStage",
    "CreateStorageConfiguration",
    "DeleteEncoderConfiguration",
    "DeleteIngestConfiguration",
    "DeletePublicKey",
    "DeleteStage",
    "DeleteStorageConfiguration",
    "DisconnectParticipant",
    "GetComposition",
    "GetEncoderConfiguration",
    "GetIngestConfiguration",
    "GetParticipant",
    "GetPublicKey",
    "GetStage",
    "GetStageSession",
    "GetStorageConfiguration",
    "ImportPublicKey",
    "ListCompositions",
    "ListEncoderConfigurations",
    "ListIngestConfigurations",
    "ListParticipantEvents",
    "ListParticipantReplicas",
    "ListParticipants",
    "ListPublicKeys",
    "ListStageSessions",
    "ListStages",
    "ListStorageConfigurations",
    "RevokeConnectionToken",
    "StartComposition",
    "StartParticipantReplication",
    "StopComposition",
    "StopParticipantReplication",
    "UpdateIngestConfiguration",
    "UpdateStage",
];

/// Amazon IVS chat, signing name `ivschat`.
const CHAT: [&str; 14] = [
    "CreateChatToken",
    "CreateLoggingConfiguration",
    "CreateRoom",
    "DeleteLoggingConfiguration",
    "DeleteMessage",
    "DeleteRoom",
    "DisconnectUser",
    "GetLoggingConfiguration",
    "GetRoom",
    "ListLoggingConfigurations",
    "ListRooms",
    "SendEvent",
    "UpdateLoggingConfiguration",
    "UpdateRoom",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_and_a_plain_arn_are_the_same_resource() {
        let plain = find(&Method::GET, "/tags/arn:aws:ivs:us-east-1:1:channel/A").unwrap();
        assert_eq!(
            find(&Method::GET, "/tags/arn%3Aaws%3Aivs%3Aus-east-1%3A1%3Achannel%2FA").unwrap(),
            plain
        );
        assert_eq!(plain.signing_name(), "ivs");
        assert_eq!(
            find(&Method::GET, "/tags/arn:aws:ivschat:us-east-1:1:room/A")
                .unwrap()
                .signing_name(),
            "ivschat"
        );
    }

    #[test]
    fn only_exact_paths_are_operations() {
        assert_eq!(find(&Method::POST, "/CreateChannel").unwrap().name(), "CreateChannel");
        for (method, path) in [
            (Method::GET, "/CreateChannel"),
            (Method::POST, "/createchannel"),
            (Method::POST, "/CreateChannel/"),
        ] {
            assert_eq!(find(&method, path), None, "{method} {path}");
        }
        assert_eq!(find(&Method::PUT, "/tags/arn:aws:ivs:us-east-1:1:channel/A"), None);
        assert_eq!(find(&Method::POST, "/meetings").unwrap().signing_name(), "chime");
        assert_eq!(find(&Method::POST, "/CreateRoom").unwrap().signing_name(), "ivschat");
    }

    #[test]
    fn a_repeated_query_key_keeps_its_order() {
        assert_eq!(
            query_values("tagKeys=k&x=1&tagKeys=k%202%26%3D%2F", "tagKeys"),
            ["k", "k 2&=/"]
        );
    }
}
