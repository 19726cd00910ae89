// Package envtest is the part of the store's suite about environments: what people and
// pipelines say runs there, their names and end, and what is told of what runs.
package envtest

import (
	"context"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"AssignedImagesRun":              testAssign,
		"AssignedIsReplaced":             testReplace,
		"ReferencesNameWhatTheyNameNow":  testReferences,
		"UnknownImageChangesNothing":     testUnknown,
		"UnknownDigestIsUnresolved":      testUnresolved,
		"AssignedImagesAreTakenOut":      testUnassign,
		"AssignmentsHaveALimit":          testLimit,
		"AssignedIsNoIntegration":        testNoIntegration,
		"AnyOrderGivesTheSameMembership": testAnyOrder,
		"AssignedAtTheSameTime":          testConcurrent,
		"EnvironmentIsRenamed":           testRename,
		"EnvironmentIsDeleted":           testDelete,
		"DeletedEnvironmentsAreListed":   testDeleted,
		"DeletedWhileConnected":          testDeleteRace,
		"TagMovedIsWarnedOf":             testTagMoved,
		"NewerHasAnotherName":            testMovedTo,
		"NewerVersionIsWarnedOf":         testNewer,
		"KnownRegistriesAreKept":         testKnownRegistries,
		"UnknownRegistryIsWarnedOf":      testUnknownRegistry,
		"CountedInThreeWays":             testCounting,
		"SplitByUse":                     testUse,
		"MisspeltIsNotNotSeen":           testSpelling,
		"ProfilesGrowOld":                testProfileAge,
		"NotSeenIsDiscounted":            testDiscount,
		"NotSeenIsLeftOut":               testUnseen,
		"ProfilesMoveWithTheirAge":       testProfileMoved,
		"EvidenceIsAsOldAsTheOldest":     testEvidence,
		"WhatNobodyProfiledHidesNothing": testUnprofiled,
		"UnreadIsNotObserved":            testUnreadIsUnknown,
		"LatestIndexedIsBuiltIn":         testLatest,
		"OccurrencesByTheirOwnProfile":   testOccurrenceUse,
		"OccurrencesAreNarrowed":         testOccurrenceFilter,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

// references makes keys of references.
func references(names ...string) []store.ImageKey {
	out := make([]store.ImageKey, len(names))
	for i, n := range names {
		out[i].Reference = n
	}
	return out
}

// assign assigns images to production, made if missing.
func assign(t *testing.T, f storetest.Fixture, org store.OrgID, keys ...store.ImageKey) store.Assigned {
	t.Helper()
	out, err := f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: keys, Create: true})
	must(t, err)
	return out
}

// tagged records and analyses an image that a tag names.
func tagged(t *testing.T, f storetest.Fixture, org store.OrgID, img crowsnest.Image, repository, tag string) crowsnest.Image {
	t.Helper()
	img.Name = repository + ":" + tag
	_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: repository, Name: tag, Target: img.Index}, storetest.Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, storetest.Analyser))
	return img
}

// runs lists the names of the analysed images that run in an environment.
func runs(t *testing.T, f storetest.Fixture, org store.OrgID, environment string) []string {
	t.Helper()
	list, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: environment}, store.Page{})
	must(t, err)
	out := []string{}
	for _, i := range list.Items {
		out = append(out, i.Name)
	}
	return out
}
