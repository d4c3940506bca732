//! Every setting of Rostrum. The example file and the checks are made from these declarations.

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

use super::choice::{ChannelType, LogFormat, Sellers, Video};
use super::secret::Secret;
use super::section::section;

section! {
    /// The process itself: where it keeps its data and what it is called from outside.
    struct Server ["server"] {
        /// Folder for everything that must survive a restart: databases, keys, certificates.
        data_dir: PathBuf = "./data", env "ROSTRUM_DATA_DIR";
        /// Address people type to reach this server. Links and playback URLs are built from it.
        /// Default: http(s)://localhost and the port of http.addr. Set it whenever anybody else shall watch.
        public_url: Option<Url> = "", env "ROSTRUM_PUBLIC_URL";
        /// Key that seals stream keys at rest and signs sign-in tokens: 64 hexadecimal digits (32 bytes).
        /// Default: generated into the data folder on first start. Several replicas need the same one.
        secret_key: Option<Secret> = "", env "ROSTRUM_SECRET_KEY", secret;
        /// Reverse proxies (addresses or CIDR ranges, comma-separated) whose X-Forwarded-For and -Proto are believed.
        trusted_proxies: String = "", env "ROSTRUM_TRUSTED_PROXIES";
        /// What to log, in the syntax of tracing's EnvFilter, for instance info,engine=debug.
        log: String = "info", env "ROSTRUM_LOG";
        /// Shape of log lines: text for people, json for machines.
        log_format: LogFormat = "text", env "ROSTRUM_LOG_FORMAT";
        /// Name of a step at which the process kills itself. For tests of crash recovery; leave it unset.
        failpoint: Option<String> = "", env "ROSTRUM_FAILPOINT";
    }
}

section! {
    /// The listener for the UI, the API and playback.
    struct Http ["http"] {
        /// Address and port.
        addr: SocketAddr = "0.0.0.0:8000", env "ROSTRUM_HTTP_ADDR";
        /// PEM file with the certificate chain. Set it and tls_key to speak HTTPS here, and RTMPS on the same port.
        /// The RTMPS listener uses it too. Both files are read again when they change.
        tls_cert: Option<PathBuf> = "", env "ROSTRUM_TLS_CERT";
        /// PEM file with the private key of tls_cert.
        tls_key: Option<PathBuf> = "", env "ROSTRUM_TLS_KEY";
    }
}

section! {
    /// Where the application keeps its rows.
    struct Database ["database"] {
        /// postgres://user:password@host/name, or sqlite://path. Default: a SQLite file in the data folder.
        url: Option<Secret> = "", env "ROSTRUM_DATABASE_URL", secret;
    }
}

section! {
    /// Files that grow: pictures. Several replicas need one place that all of them see: a bucket, or a shared folder.
    struct Storage ["storage"] {
        /// file:///path or s3://bucket/prefix. Default: the folder `files` in the data folder.
        url: Option<Url> = "", env "ROSTRUM_STORAGE_URL";
        /// Another S3 server than Amazon's, for instance http://127.0.0.1:9000.
        endpoint: Option<Url> = "", env "AWS_ENDPOINT_URL_S3";
        /// Region of the bucket. Default: video.region.
        region: Option<String> = "", env "ROSTRUM_STORAGE_REGION";
        /// Access key for the bucket. Default: that of [video] if it is set, else the SDK's usual chain of profiles and roles.
        access_key_id: Option<Secret> = "", env "ROSTRUM_STORAGE_ACCESS_KEY_ID", secret;
        /// Secret of the access key.
        secret_access_key: Option<Secret> = "", env "ROSTRUM_STORAGE_SECRET_ACCESS_KEY", secret;
    }
}

section! {
    /// Outgoing mail: sign-in codes, and who won what.
    struct Mail ["mail"] {
        /// smtp://user:password@host:587 (STARTTLS is required) or smtps://user:password@host:465. To a mail server on
        /// this machine, or with ?tls=none, mail travels unencrypted.
        /// Default: mail is not sent; `rostrum serve --dev` shows it at /dev/mail.
        smtp_url: Option<Secret> = "", env "ROSTRUM_SMTP_URL", secret;
        /// Who mail comes from, for instance Rostrum <rostrum@example.com>.
        /// Default: rostrum at the host of server.public_url. Most mail servers want an address they know.
        from: Option<String> = "", env "ROSTRUM_MAIL_FROM";
    }
}

section! {
    /// How the application reaches Amazon IVS. The names and meanings are those of the AWS SDKs.
    struct VideoSection ["video"] {
        /// embedded runs our own IVS-compatible engine in this process; aws uses the endpoint that the AWS settings name,
        /// Amazon's own or a remote `rostrum engine`.
        mode: Video = "embedded", env "ROSTRUM_VIDEO";
        /// AWS region; part of ARNs, stream keys and playback URLs in both modes.
        region: String = "us-east-1", env "AWS_REGION";
        /// Access key. embedded: the engine accepts exactly this pair; default: generated into the data folder.
        /// aws: default: the SDK's usual chain of profiles and roles.
        access_key_id: Option<Secret> = "", env "AWS_ACCESS_KEY_ID", secret;
        /// Secret of the access key.
        secret_access_key: Option<Secret> = "", env "AWS_SECRET_ACCESS_KEY", secret;
        /// Session token of temporary credentials, aws mode only.
        session_token: Option<Secret> = "", env "AWS_SESSION_TOKEN", secret;
        /// Another IVS endpoint than Amazon's, aws mode only.
        endpoint: Option<Url> = "", env "AWS_ENDPOINT_URL_IVS";
        /// Another IVS Chat endpoint than Amazon's, aws mode only. Default: endpoint, when that is set, because an engine
        /// answers both.
        chat_endpoint: Option<Url> = "", env "AWS_ENDPOINT_URL_IVSCHAT";
        /// Address that browsers open chat connections to, ws:// or wss://. Default: /chat at server.public_url, or Amazon's
        /// own when aws mode uses no other endpoint. Set it when chat is served under another name.
        chat_url: Option<Url> = "", env "ROSTRUM_CHAT_URL";
        /// Type of the channels that auctions create. It decides transcoding and price, not latency.
        channel_type: ChannelType = "STANDARD", env "IVS_CHANNEL_TYPE";
        /// Whether channels accept unencrypted RTMP. Default: true embedded, false on aws.
        insecure_ingest: Option<bool> = "", env "ROSTRUM_INSECURE_INGEST";
        /// Port in the rtmp:// addresses shown to hosts. Default: the engine's port embedded, 1935 on aws.
        rtmp_port: Option<u16> = "", env "ROSTRUM_VIDEO_RTMP_PORT";
        /// Port in the rtmps:// addresses shown to hosts. Default: embedded, the port of server.public_url when there is a
        /// certificate and the engine's port otherwise; 443 on aws.
        rtmps_port: Option<u16> = "", env "ROSTRUM_VIDEO_RTMPS_PORT";
        /// Calls a second to one IVS operation. Default: unlimited embedded; 5 on aws, Amazon's own quota.
        calls_per_second: Option<u32> = "", env "ROSTRUM_VIDEO_CALLS_PER_SECOND";
    }
}

section! {
    /// The embedded video engine (also `rostrum engine`).
    struct EngineSection ["engine"] {
        /// Listener of the IVS-compatible API. Keep it on loopback unless other machines call it.
        ivs_addr: SocketAddr = "127.0.0.1:4566", env "ROSTRUM_IVS_ADDR";
        /// Listener for RTMP.
        rtmp_addr: SocketAddr = "0.0.0.0:1935", env "ROSTRUM_RTMP_ADDR";
        /// Listener for RTMPS. In production 443 is the port encoders expect.
        rtmps_addr: SocketAddr = "0.0.0.0:1936", env "ROSTRUM_RTMPS_ADDR";
        /// Host name that encoders are told to publish to. Default: the host of server.public_url.
        ingest_host: Option<String> = "", env "ROSTRUM_INGEST_HOST";
        /// Twelve digits that stand for the AWS account in ARNs.
        account: String = "000000000000", env "ROSTRUM_ACCOUNT_ID";
        /// Seconds a lost encoder may take to come back before its broadcast ends.
        reconnect_window_s: u64 = "20", env "ROSTRUM_RECONNECT_WINDOW_S";
        /// URL that `rostrum engine` posts its EventBridge-shaped events to, for instance http://host:8000/events/ivs.
        /// Embedded, they always go to the application in the same process.
        events_target: Option<Url> = "", env "ROSTRUM_EVENTS_TARGET";
    }
}

section! {
    /// Events that arrive from Amazon EventBridge or from an engine, and those that pages watch.
    struct Events ["events"] {
        /// Shared secret, sent and expected in the header x-rostrum-events-secret.
        /// Default: generated into the data folder. `rostrum engine` and `rostrum serve` need the same one.
        secret: Option<Secret> = "", env "ROSTRUM_EVENTS_SECRET", secret;
        /// Event streams (open pages, roughly) that one address may hold at a time. Raise it where thousands of people
        /// share an address: behind one router, or a proxy that server.trusted_proxies does not name.
        streams_per_address_max: usize = "100", env "ROSTRUM_EVENTS_STREAMS_PER_ADDRESS_MAX";
    }
}

section! {
    /// WebRTC for stages. Read from the release that brings stages; checked today.
    struct Webrtc ["webrtc"] {
        /// UDP address.
        addr: SocketAddr = "0.0.0.0:8189", env "ROSTRUM_WEBRTC_ADDR";
        /// Address that browsers are told to send to. Set it behind NAT or in a container.
        host: Option<String> = "", env "ROSTRUM_WEBRTC_HOST";
    }
}

section! {
    /// The first administrator. Without one, `rostrum serve` prints a one-time set-up link.
    struct Accounts ["accounts"] {
        /// E-mail address of an administrator to create at start when it does not exist.
        admin_email: Option<String> = "", env "ROSTRUM_ADMIN_EMAIL";
        /// Its password. `rostrum serve --dev` makes and prints one when unset.
        admin_password: Option<Secret> = "", env "ROSTRUM_ADMIN_PASSWORD", secret;
    }
}

section! {
    /// Sign-in through an OpenID Connect issuer, such as an Amazon Cognito user pool, beside the sign-in of our own.
    /// docs/operations/oidc.md says what to set up there.
    struct Oidc ["oidc"] {
        /// The issuer as its tokens spell it, to the last slash. Without one, there is no such sign-in.
        /// Amazon Cognito: https://cognito-idp.{region}.amazonaws.com/{user pool id}
        issuer: Option<String> = "", env "ROSTRUM_OIDC_ISSUER";
        /// Id of the client that the issuer made for this server.
        client_id: Option<String> = "", env "ROSTRUM_OIDC_CLIENT_ID";
        /// Its secret. Leave it unset for a public client.
        client_secret: Option<Secret> = "", env "ROSTRUM_OIDC_CLIENT_SECRET", secret;
        /// What people read on the button: Continue with ….
        name: String = "single sign-on", env "ROSTRUM_OIDC_NAME";
        /// Scopes to ask for, separated by commas or spaces.
        scopes: String = "openid email profile", env "ROSTRUM_OIDC_SCOPES";
        /// Claim that lists a person's groups: a name, or a path such as realm_access.roles.
        role_claim: String = "cognito:groups", env "ROSTRUM_OIDC_ROLE_CLAIM";
        /// Groups (comma-separated) whose people are administrators.
        admin_group: Vec<String> = "Admin", env "ROSTRUM_OIDC_ADMIN_GROUP";
        /// Groups (comma-separated) whose people are hosts.
        host_group: Vec<String> = "Mentor", env "ROSTRUM_OIDC_HOST_GROUP";
        /// Other clients and audiences (comma-separated) whose tokens are accepted as bearer tokens.
        audience: Vec<String> = "", env "ROSTRUM_OIDC_AUDIENCE";
    }
}

section! {
    /// Auctions.
    struct Auctions ["auctions"] {
        /// ISO 4217 currency of new auctions.
        currency: String = "USD", env "ROSTRUM_CURRENCY";
        /// Who may sell: any signed-in account, or host accounts only.
        sellers: Sellers = "any", env "ROSTRUM_AUCTIONS_SELLERS";
        /// Bids that one bidder may place each second, and twice as many at once; 0 for no limit. Each server process
        /// counts for itself.
        bids_per_second: u32 = "5", env "ROSTRUM_AUCTIONS_BIDS_PER_SECOND";
    }
}

section! {
    /// Persistent channels.
    struct Channels ["channels"] {
        /// How many there may be. Amazon's own limit on channels applies besides, and counts those of auctions too.
        capacity: u32 = "20", env "ROSTRUM_CHANNELS_CAPACITY";
        /// Seconds that a session keeps its channel after its host was last heard of and the channel went off air.
        session_lease_seconds: u32 = "300", env "ROSTRUM_CHANNELS_SESSION_LEASE_SECONDS";
        /// S3 bucket that channels are recorded to, in video.region. Without one, embedded, recordings stay with the engine;
        /// on aws, channels cannot be recorded.
        recording_bucket: Option<String> = "", env "ROSTRUM_CHANNELS_RECORDING_BUCKET";
    }
}

section! {
    /// The cost meter on the seller's desk.
    struct Costs ["costs"] {
        /// Prices to reckon with: aws (what Amazon publishes), quick-reference, or the path of a file like
        /// crates/platform/prices/aws.toml with your own.
        price_list: String = "aws", env "ROSTRUM_PRICE_LIST";
    }
}
