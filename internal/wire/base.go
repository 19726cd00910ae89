package wire

import (
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// BaseImage is an image that others are built on. Its fields are a contract.
type BaseImage struct {
	crowsnest.Base
	Images       int                   `json:"images" doc:"How many images are built on it; within the environment asked for, if one was"`
	Built        []crowsnest.ImageName `json:"built" doc:"Up to 20 of them, by name"`
	Known        *crowsnest.ImageName  `json:"known,omitempty" doc:"The image itself; absent if it is not analysed here"`
	Summary      crowsnest.Summary     `json:"summary" doc:"Vulnerabilities of the image itself; all zero if it is not known"`
	InUse        *crowsnest.Summary    `json:"inUse,omitempty" doc:"The part of the summary in package versions seen loaded in anything that runs, within the environment asked for, if one was; missing where run time watches none of them"`
	Distribution string                `json:"distribution" doc:"Of the image itself; empty if it is not known"`
}

// NewBaseImage converts a row.
func NewBaseImage(b store.BaseImage) BaseImage {
	return BaseImage{Base: b.Base, Images: b.Images, Built: List(b.Built), Known: b.Known, Summary: b.Summary, InUse: b.InUse, Distribution: b.Distribution}
}
