-- +goose Up

-- How many documents in the sense of VEX are in the file system of a content: whoever brings it anew reads its own copy of them.
alter table content add column vex bigint not null default 0;

-- Where in its image a document was found; empty of what is attested or uploaded.
alter table vex_document add column path text not null default '';
