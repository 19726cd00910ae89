// Package outpost watches registries from where they can be reached, and delivers to a server that cannot reach them what is
// in the images that are pushed there: packages and what is told of them, never content.
//
// It keeps nothing. What tags named when they were last looked at, the server is asked: so whatever stops it where, the next one
// goes on, on this machine or another. Only when an image is delivered, or is not to be, does the server know of its tag;
// one that was lost between is news again. The first time that anybody looks at a repository what is in it is not
// news, but for the newest image, as with registries that the server itself is connected to.
package outpost
