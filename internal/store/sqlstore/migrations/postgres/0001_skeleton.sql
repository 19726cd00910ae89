-- +goose Up

create table organisation (
    id text collate "C" primary key,
    name text collate "C" not null unique,
    created_at bigint not null
);

create table token (
    id text collate "C" primary key,
    organisation_id text collate "C" not null references organisation (id),
    name text collate "C" not null,
    hash bytea not null unique,
    created_at bigint not null
);

-- Results of analysing a layer, shared by all organisations: only what this
-- installation's own analyser read from verified bytes.
create table layer_result (
    diff_id text collate "C" not null,
    analyser text collate "C" not null,
    result bytea not null,
    created_at bigint not null,
    primary key (diff_id, analyser)
);

-- What an analyser found in the content a platform manifest names. The
-- packages hang from here; organisations reach it only through image.
create table content (
    id bigint primary key,
    digest text collate "C" not null,
    analyser text collate "C" not null,
    distribution text collate "C" not null,
    problems text collate "C" not null,
    analysed_at bigint not null,
    unique (digest, analyser)
);

create table package_version (
    id bigint primary key,
    identity bytea not null unique,
    purl text collate "C" not null,
    type text collate "C" not null,
    name text collate "C" not null,
    version text collate "C" not null,
    ecosystem text collate "C" not null,
    source text collate "C" not null,
    source_version text collate "C" not null,
    use_key text collate "C" not null,
    match_base text collate "C" not null,
    match_name text collate "C" not null,
    match_binary text collate "C" not null, -- the second name advisories may use, or empty
    -- Raised by everything that makes a new match necessary, and never lowered; it is
    -- pending while what was matched is another generation.
    generation bigint not null,
    matched_generation bigint not null,
    matched_at bigint
);
create index package_version_match on package_version (match_name, match_base);
create index package_version_binary on package_version (match_binary, match_base) where match_binary <> '';
create index package_version_pending on package_version (id) where generation <> matched_generation;

create table content_package (
    content_id bigint not null references content (id) on delete cascade,
    package_version_id bigint not null references package_version (id),
    locations text collate "C" not null,
    licences text collate "C" not null,
    primary key (content_id, package_version_id)
);
create index content_package_version on content_package (package_version_id, content_id);

create table image (
    organisation_id text collate "C" not null references organisation (id),
    digest text collate "C" not null,
    content_id bigint references content (id),
    image_id text collate "C" not null,
    name text collate "C" not null,
    platform text collate "C" not null,
    size bigint not null,
    config text collate "C" not null,
    state text collate "C" not null,
    reason text collate "C" not null,
    recorded_at bigint not null,
    primary key (organisation_id, digest)
);
create index image_name on image (organisation_id, name, digest);
create index image_recorded on image (organisation_id, recorded_at, digest);
create index image_content on image (content_id);

-- Every digest known of an image. One index names several images, so the
-- image is part of the key.
create table alias (
    organisation_id text collate "C" not null,
    digest text collate "C" not null,
    image_digest text collate "C" not null,
    kind text collate "C" not null,
    primary key (organisation_id, digest, image_digest),
    foreign key (organisation_id, image_digest) references image (organisation_id, digest) on delete cascade
);

-- What a reference named, over time.
create table tag (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    repository text collate "C" not null,
    name text collate "C" not null,
    target text collate "C" not null,
    opened_at bigint not null,
    closed_at bigint
);
create unique index tag_open on tag (organisation_id, repository, name) where closed_at is null;

create table analysis_request (
    id text collate "C" primary key,
    organisation_id text collate "C" not null references organisation (id),
    reference text collate "C" not null,
    platform text collate "C" not null,
    state text collate "C" not null,
    reason text collate "C" not null,
    digest text collate "C" not null,
    created_at bigint not null,
    finished_at bigint
);

create table advisory (
    id text collate "C" primary key,
    aliases text collate "C" not null,
    upstream text collate "C" not null,
    related text collate "C" not null,
    summary text collate "C" not null,
    severity text collate "C" not null,
    word text collate "C" not null,
    published_at bigint,
    modified_at bigint not null,
    withdrawn_at bigint,
    content_hash bytea not null,
    first_held_at bigint not null,
    imported_at bigint not null
);

create table advisory_affected (
    advisory_id text collate "C" not null references advisory (id) on delete cascade,
    position bigint not null,
    match_base text collate "C" not null,
    match_name text collate "C" not null,
    ecosystem text collate "C" not null,
    name text collate "C" not null,
    detail text collate "C" not null,
    primary key (advisory_id, position)
);
create index advisory_affected_match on advisory_affected (match_name, match_base);

create table advisory_source (
    ecosystem text collate "C" primary key,
    fingerprint text collate "C" not null,
    records bigint not null,
    imported_at bigint not null,
    checked_at bigint not null,
    newest_at bigint
);

-- A package version has a vulnerability by the word of an advisory, over an
-- interval. Of the open findings of one package version and one vulnerability
-- exactly one decides.
create table finding (
    id bigint primary key,
    package_version_id bigint not null references package_version (id),
    vulnerability text collate "C" not null,
    advisory_id text collate "C" not null,
    aliases text collate "C" not null,
    summary text collate "C" not null,
    severity bigint not null,
    cvss_version text collate "C" not null,
    cvss_score double precision not null,
    cvss_vector text collate "C" not null,
    fixed_version text collate "C" not null,
    decides boolean not null,
    opened_at bigint not null,
    opened_by text collate "C" not null,
    closed_at bigint,
    closed_by text collate "C"
);
create unique index finding_open on finding (package_version_id, vulnerability, advisory_id) where closed_at is null;
create index finding_count on finding (package_version_id, severity) where closed_at is null and decides;
create index finding_vulnerability on finding (vulnerability) where closed_at is null and decides;

create table environment (
    id text collate "C" primary key,
    organisation_id text collate "C" not null references organisation (id),
    name text collate "C" not null,
    created_at bigint not null,
    unique (organisation_id, name)
);

create table integration (
    id text collate "C" primary key,
    organisation_id text collate "C" not null references organisation (id),
    environment_id text collate "C" not null references environment (id),
    name text collate "C" not null,
    kind text collate "C" not null,
    region text collate "C" not null,
    url text collate "C" not null,
    cluster text collate "C" not null,
    secret bytea not null,
    interval_us bigint not null,
    created_at bigint not null,
    deleted_at bigint,
    attempt_at bigint,
    ended_at bigint,
    complete_at bigint,
    next_at bigint not null,
    failing_since bigint,
    reason text collate "C" not null,
    requests bigint not null
);
create unique index integration_name on integration (organisation_id, name) where deleted_at is null;
create index integration_due on integration (next_at) where deleted_at is null;

-- A distinct set of loaded packages; many containers share one.
create table profile (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    hash text collate "C" not null,
    unique (organisation_id, hash)
);

create table profile_package (
    profile_id bigint not null references profile (id) on delete cascade,
    use_key text collate "C" not null,
    primary key (profile_id, use_key)
);

create table occurrence (
    id bigint primary key,
    organisation_id text collate "C" not null references organisation (id),
    environment_id text collate "C" not null references environment (id),
    integration_id text collate "C" not null references integration (id),
    cluster text collate "C" not null,
    namespace text collate "C" not null,
    kind text collate "C" not null,
    name text collate "C" not null,
    container text collate "C" not null,
    image_id text collate "C" not null,
    profile_id bigint references profile (id),
    opened_at bigint not null,
    closed_at bigint
);
create unique index occurrence_open on occurrence (integration_id, namespace, kind, name, container, image_id) where closed_at is null;
create index occurrence_running on occurrence (organisation_id, environment_id, image_id) where closed_at is null;
create index occurrence_image on occurrence (organisation_id, image_id, opened_at);
