-- `document` is the configuration as low_latency::recording::Recording serialises it.
create table recording_configurations (
    seq integer primary key autoincrement,
    arn text not null unique,
    document text not null,
    created_at_ms integer not null
) strict;

-- Repeats the channel's document for the filter of lists; null when none is attached. An attached one cannot be deleted.
alter table channels add column recording_arn text references recording_configurations (arn);
create index channels_by_recording on channels (recording_arn, seq) where recording_arn is not null;
