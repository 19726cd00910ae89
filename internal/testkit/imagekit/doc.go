// Package imagekit builds container images for tests: layers from lists of
// files, images and indexes from layers, and from these the things images come
// in — an OCI layout, an OCI archive, an archive as "docker save" writes it, a
// repository in a registry. The same input gives the same digests on every
// machine and at any time, so that a test may state them.
//
//	img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{
//		{Files: []imagekit.File{imagekit.Text("etc/os-release", "ID=debian\n")}},
//		{Files: []imagekit.File{imagekit.Whiteout("etc/motd")}, CreatedBy: "RUN rm /etc/motd"},
//	}})
//	host := imagekit.Registry(t)
//	imagekit.Push(t, host+"/app:1", img)
//
// It knows the image formats from go-containerregistry and nothing of the code
// under test, so that an error there cannot hide here.
package imagekit
