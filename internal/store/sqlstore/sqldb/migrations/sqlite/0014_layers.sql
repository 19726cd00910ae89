-- +goose Up

-- How many layers an image has and the diff ID of the last, by which the images are found
-- that begin with all of them.
alter table image add column layers integer not null default 0;
alter table image add column top_layer text not null default '';
update image set layers = json_array_length(g.config, '$.layers'), top_layer = coalesce(json_extract(g.config, '$.layers[#-1].diffId'), '')
    from image_config as g where g.image_id = image.id and json_array_length(g.config, '$.layers') > 0;
create index image_layers on image (organisation_id, top_layer) where state = 'analysed' and top_layer <> '';
create index tag_target on tag (organisation_id, target);
