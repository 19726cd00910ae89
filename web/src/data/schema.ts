// Code generated from docs/openapi.json by npm run generate. DO NOT EDIT.

export interface paths {
    "/api/v1/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change one's own name, language or password */
        patch: operations["change-account"];
        trace?: never;
    };
    "/api/v1/account/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own sessions */
        get: operations["list-sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's own sessions */
        delete: operations["end-session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/advisories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what is held of advisories, of CISA's catalogue and of EPSS, with the age of each and how its updates go */
        get: operations["get-advisory-status"];
        /** Import an uploaded zip of OSV records, CISA's catalogue, or the CSV of EPSS */
        put: operations["upload-advisories"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/advisories/bundle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download all advisories, CISA's catalogue and EPSS as one file, for crowsnest advisory import or another server; with If-None-Match only if it changed */
        get: operations["get-advisory-bundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/advisories/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Import advisories from a URL in the layout of OSV's bucket, CISA's catalogue from one that ends in .json, or EPSS from one that ends in .csv.gz */
        post: operations["import-advisories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/advisories/records/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get everything held of the advisories with a name, whether any image has it or not */
        get: operations["get-advisory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/advisories/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have the update of a feed tried now, and not when it is due */
        post: operations["retry-advisory-update"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/advisories/updates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what updates changed, newest first */
        get: operations["list-advisory-updates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analyses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List requests for analyses, newest first */
        get: operations["list-analyses"];
        put?: never;
        /** Have an image of a registry analysed */
        post: operations["request-analysis"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analyses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See how an analysis stands */
        get: operations["get-analysis"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analyses/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try an analysis that is over again */
        post: operations["retry-analysis"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analysis-lanes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count what waits for its analysis and what is analysed, by who waits for it */
        get: operations["list-analysis-lanes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who did what, newest first */
        get: operations["list-audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the audit log, newest first */
        get: operations["export-audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/base-images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what images are built on, the one with most images first */
        get: operations["list-base-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare an image with another one, with what an environment runs of its repository, or with the newest analysed of its repository */
        get: operations["compare-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/compare/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell by repository what would change if what runs in one environment took the place of what runs in another */
        get: operations["compare-environments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/compare/environments/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what policies would say if what runs in one environment took the place of what runs in another */
        get: operations["compare-environment-policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count the running images by what is known of them */
        get: operations["get-coverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coverage/gaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List running images that are not analysed, with the reason */
        get: operations["list-gaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decision-settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell whether decisions wait for an owner, and which authors of VEX documents are trusted */
        get: operations["get-decision-settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change how the organisation decides */
        patch: operations["change-decision-settings"];
        trace?: never;
    };
    "/api/v1/deleted-environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the environments that were deleted, whose history can still be read by their names; the last one first */
        get: operations["list-deleted-environments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deliver what was found in an image elsewhere, or ask whether that is needed; never its content */
        post: operations["deliver-image"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what the tags of a repository are known to name, so that only what is new need be delivered */
        get: operations["list-delivered-tags"];
        put?: never;
        /** Say what tags name of which no image is delivered, and which there are no more */
        post: operations["deliver-tags"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the environments in which an analysed image runs */
        get: operations["list-environments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an environment */
        get: operations["get-environment"];
        put?: never;
        post?: never;
        /** Delete an environment that no integration feeds; what ran there stays in the history */
        delete: operations["delete-environment"];
        options?: never;
        head?: never;
        /** Rename or describe an environment, or set for how long its profiles count and whether what is not seen does */
        patch: operations["update-environment"];
        trace?: never;
    };
    "/api/v1/environments/{name}/exposure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sum up what an environment is and was exposed to */
        get: operations["get-environment-exposure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{name}/exposures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what an environment is and was exposed to within a year: the worst severity first, the oldest first */
        get: operations["list-environment-exposures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{name}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the analysed images that run in an environment, with their workloads */
        get: operations["list-environment-images"];
        /** Say which images run in an environment, in the place of all that was said before; an owner's call makes it if missing */
        put: operations["replace-environment-images"];
        /** Say that images run in an environment; an owner's call makes it if missing */
        post: operations["assign-environment-images"];
        /** Take images out of an environment that were said to run there; what a cluster runs stays */
        delete: operations["unassign-environment-images"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{name}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what runs and ran in an environment, also one that was deleted, newest first */
        get: operations["list-environment-occurrences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{name}/registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare the names of what runs in an environment with the known registries */
        get: operations["check-environment-registries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{name}/vex": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export as OpenVEX what run time never saw loaded in an environment: not affected, since the vulnerable code is not in the execute path */
        get: operations["export-environment-vex"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/evaluations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Match packages that are not kept */
        post: operations["evaluate-packages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/evaluations/recommendations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say what to build an image on that is not kept, and which packages to upgrade */
        post: operations["recommend-for-packages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/evaluations/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say why packages that are not kept have a vulnerability, or have not */
        post: operations["explain-packages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Be told which resources change, as server-sent events
         * @description An event "ready" comes first, then "changed" for whatever changed since; data is {"resources":[…]} in both. The resources of "ready" are those that may have changed since Last-Event-ID, and all without one. A comment comes every 15 seconds. The stream ends when the credentials do or the server stops; connect again then.
         */
        get: operations["listen-events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List exceptions, the newest first */
        get: operations["list-exceptions"];
        put?: never;
        /** Decide that a vulnerability does not count; where the organisation asks for it, what an editor decides waits for an owner */
        post: operations["create-exception"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell what an exception would suppress, and keep nothing */
        post: operations["preview-exception"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an exception */
        get: operations["get-exception"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let an exception that waits hold */
        post: operations["approve-exception"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exceptions/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End an exception at once, or refuse one that waits; it stays in the list */
        post: operations["revoke-exception"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/advisories/updates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what updates of advisories changed, newest first */
        get: operations["export-advisory-updates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/analyses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export requests for analyses */
        get: operations["export-analyses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/base-images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what images are built on */
        get: operations["export-base-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what becomes of vulnerabilities from one image to another */
        get: operations["export-compared-findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/compare/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what would change by repository if what runs in one environment took the place of what runs in another */
        get: operations["export-compared-environments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/compare/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what becomes of packages from one image to another */
        get: operations["export-compared-packages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/coverage/gaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export running images that are not analysed */
        get: operations["export-gaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export environments */
        get: operations["export-environments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/environments/{name}/exposures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what an environment is and was exposed to within a year */
        get: operations["export-environment-exposures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/environments/{name}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the analysed images that run in an environment, or ran there */
        get: operations["export-environment-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/environments/{name}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what runs and ran in an environment */
        get: operations["export-environment-occurrences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/exceptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export exceptions */
        get: operations["export-exceptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/findings/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what was found in packages of images and what no longer */
        get: operations["export-finding-changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export images */
        get: operations["export-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/images/{digest}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the vulnerabilities of an image */
        get: operations["export-image-findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/images/{digest}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export where an image runs and ran */
        get: operations["export-image-occurrences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/images/{digest}/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the packages in an image */
        get: operations["export-image-packages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/images/{digest}/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what policies say of an image, with what would mend it */
        get: operations["export-image-policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export integrations with how their sweeps go */
        get: operations["export-integrations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export packages over all images */
        get: operations["export-packages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/packages/{type}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the images that have a package */
        get: operations["export-package-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the people of the organisation */
        get: operations["export-people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the policies, with how many images meet them */
        get: operations["export-policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/policies/{name}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the images that a policy says something of, with the first of what would mend each */
        get: operations["export-policy-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/policy-changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what policies came to say otherwise */
        get: operations["export-policy-changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export connected registries with how it goes with them */
        get: operations["export-registries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the repositories of connected registries */
        get: operations["export-repositories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/repository/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what the tags of a repository name, and named */
        get: operations["export-repository-tags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export one's own tokens, without their secrets; an owner all of the organisation */
        get: operations["export-tokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/vulnerabilities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export vulnerabilities over all images */
        get: operations["export-vulnerabilities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export/vulnerabilities/{id}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the images that have a vulnerability */
        get: operations["export-vulnerability-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exposure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sum up what all environments together are and were exposed to: a vulnerability lasts while it runs in any of them */
        get: operations["get-exposure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/findings/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was found in packages of images and what no longer, with the cause, newest first */
        get: operations["list-finding-changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/registries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell of pushes, as registries do, with the secret of the hook; the registry is asked what is true of it */
        post: operations["call-registry-hook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a sweep, with the secret of the hook; any body is ignored */
        post: operations["call-hook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List images */
        get: operations["list-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an image */
        get: operations["get-image"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/attestations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was attested of an image: bills of materials, provenance, VEX. No signature is verified */
        get: operations["list-image-attestations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/attestations/{attestation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the statement of an attestation as it was read: in-toto, or the bare document where there is no statement around it */
        get: operations["get-image-attestation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the decisions that hold and are about findings of an image, and under which of its names */
        get: operations["get-image-decisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/file-owners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say which packages brought files of an image */
        post: operations["find-file-owners"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the vulnerabilities of an image */
        get: operations["get-image-findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/in-use": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What run time sees of the packages of an image, in each environment where it runs */
        get: operations["get-image-in-use"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List where an image runs and ran */
        get: operations["get-image-occurrences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the packages in an image */
        get: operations["get-image-packages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask all enabled policies about an image, with what breaks them, what would mend it, and the health score */
        get: operations["get-image-policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/policy-trials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask policies about an image, although nothing keeps them */
        post: operations["try-policies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/recommendations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Say what to build an image on, and which packages to upgrade */
        get: operations["get-image-recommendations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/sbom": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what is in an image as a bill of materials, SPDX 2.3 or CycloneDX 1.6 */
        get: operations["export-image-sbom"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{digest}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Say why an image has a vulnerability, or has not */
        get: operations["explain-image"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List integrations */
        get: operations["list-integrations"];
        put?: never;
        /** Connect a cluster to an environment; nothing is saved unless Sysdig answers */
        post: operations["create-integration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrations/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an integration and how its sweeps go */
        get: operations["get-integration"];
        put?: never;
        post?: never;
        /** Delete an integration; what it saw stays in the history */
        delete: operations["delete-integration"];
        options?: never;
        head?: never;
        /** Change an integration, pause or resume it; nothing is saved unless Sysdig answers */
        patch: operations["update-integration"];
        trace?: never;
    };
    "/api/v1/integrations/{name}/hook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the secret of the webhook of an integration, in place of the one before */
        post: operations["create-integration-hook"];
        /** End the webhook of an integration */
        delete: operations["delete-integration-hook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrations/{name}/impact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what leaves which environment if an integration were deleted, moved or pointed at another cluster */
        get: operations["get-integration-impact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrations/{name}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sweep now */
        post: operations["sync-integration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List open invitations */
        get: operations["list-invitations"];
        put?: never;
        /** Make a one-time link with which somebody joins; it replaces the one before */
        post: operations["invite-person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Withdraw an invitation */
        delete: operations["revoke-invitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/links/inspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say what a one-time link does and what it asks for */
        post: operations["inspect-link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/links/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use a one-time link and sign in with it */
        post: operations["redeem-link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organisations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the organisations the caller can act in */
        get: operations["list-organisations"];
        put?: never;
        /** Make another organisation, with the caller as its owner */
        post: operations["create-organisation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organisations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Rename the caller's organisation */
        patch: operations["rename-organisation"];
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sum up everything, or one environment */
        get: operations["get-overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List packages over all images */
        get: operations["list-packages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packages/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a package with its versions */
        get: operations["get-package"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packages/{type}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the images that have a package, with where and whether in use */
        get: operations["list-package-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the people of the organisation */
        get: operations["list-people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a person from the organisation; sessions and personal tokens end at once */
        delete: operations["remove-person"];
        options?: never;
        head?: never;
        /** Change a person's role; the last owner's stays */
        patch: operations["change-person"];
        trace?: never;
    };
    "/api/v1/people/{id}/password-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time link with which a person sets a new password */
        post: operations["reset-password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the policies, with how many images meet them */
        get: operations["list-policies"];
        put?: never;
        /** Make a policy */
        post: operations["create-policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a policy */
        get: operations["get-policy"];
        put?: never;
        post?: never;
        /** Delete a policy with its history */
        delete: operations["delete-policy"];
        options?: never;
        head?: never;
        /** Change, enable or disable a policy; its history stays, hidden while it is disabled */
        patch: operations["change-policy"];
        trace?: never;
    };
    "/api/v1/policies/{name}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the images that a policy says something of, with what breaks it; 100 at most a page */
        get: operations["list-policy-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{name}/trend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count by day what a policy said */
        get: operations["get-policy-trend"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policy-changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what policies came to say otherwise, the newest first */
        get: operations["list-policy-changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policy-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a policy without keeping it; a policy in Rego is compiled, and says what it is called and what it counts */
        post: operations["check-policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policy-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the sorts of policies, with their parameters */
        get: operations["list-policy-types"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List connected registries */
        get: operations["list-registries"];
        put?: never;
        /** Connect a registry; nothing is saved unless it answers */
        post: operations["connect-registry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/registries/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask a registry for its repositories: the test of a connection; nothing is saved */
        post: operations["test-registry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/registries/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a connected registry and how it goes with it */
        get: operations["get-registry"];
        put?: never;
        post?: never;
        /** Forget a registry, its credentials and its repositories; what was analysed stays */
        delete: operations["disconnect-registry"];
        options?: never;
        head?: never;
        /** Change a connected registry, pause or resume it; nothing is saved unless it answers */
        patch: operations["change-registry"];
        trace?: never;
    };
    "/api/v1/registries/{name}/hook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the secret of the webhook of a registry, in place of the one before */
        post: operations["create-registry-hook"];
        /** End the webhook of a registry */
        delete: operations["delete-registry-hook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/registries/{name}/impact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what goes if a registry were disconnected, and what stays */
        get: operations["get-registry-impact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/registry-kinds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the kinds of registries that can be connected, and what each asks for */
        get: operations["list-registry-kinds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the repositories of connected registries */
        get: operations["list-repositories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories/backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have everything in enabled repositories analysed, after everything else */
        post: operations["start-repository-backfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories/backfill/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Count the images that filling up enabled repositories would analyse */
        post: operations["preview-repository-backfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Disable repositories; what was analysed stays */
        post: operations["disable-repositories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enable repositories: their newest image is analysed, and what is pushed from now on */
        post: operations["enable-repositories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repository": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what is known of a repository, whether its registry is connected or not */
        get: operations["get-repository"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repository/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what the tags of a repository name, and named; what was tagged last first */
        get: operations["list-repository-tags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find images, packages, vulnerabilities, workloads and environments */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Say who the caller is and what the caller may do */
        get: operations["get-session"];
        put?: never;
        /** Sign in with e-mail address and password; the session is a cookie */
        post: operations["sign-in"];
        /** End the session */
        delete: operations["sign-out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/organisation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Choose another of one's organisations; the session is renewed */
        put: operations["switch-organisation"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings/registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the registries that the organisation runs images from */
        get: operations["get-known-registries"];
        /** Set the registries that the organisation runs images from; what runs under another name is warned of */
        put: operations["set-known-registries"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings/remediation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the days within which vulnerabilities should be remediated */
        get: operations["get-remediation-targets"];
        /** Set the days within which vulnerabilities should be remediated */
        put: operations["set-remediation-targets"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the days after which what is old is removed */
        get: operations["get-retention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the days after which what is old is removed */
        patch: operations["update-retention"];
        trace?: never;
    };
    "/api/v1/settings/retention/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what would be removed now, also by other ages than those that are set */
        get: operations["preview-retention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings/retention/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what retention removed of late, and what is under way */
        get: operations["list-retention-runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/shared": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read what a link shows, with the part of it after the # */
        post: operations["read-share"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the live links that show a vulnerability to anybody who has them */
        get: operations["list-shares"];
        put?: never;
        /** Make a link with which anybody reads what the advisories say of a vulnerability */
        post: operations["create-share"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/shares/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a link at once */
        delete: operations["revoke-share"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Say in which ways people sign in */
        get: operations["get-sign-in"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell how much is kept, by sort; of the whole installation, which shares most of it */
        get: operations["get-storage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sysdig/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask Sysdig for its cluster names: the test of region and tokens; nothing is saved */
        post: operations["list-sysdig-clusters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sysdig/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Sysdig's regions */
        get: operations["list-sysdig-regions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/token-exchange": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange the identity token of a job of CI for a short-lived token */
        post: operations["exchange-token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own tokens; an owner sees all of the organisation */
        get: operations["list-tokens"];
        put?: never;
        /** Make a token; its secret is shown only now */
        post: operations["create-token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token at once */
        delete: operations["revoke-token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trusts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List whose jobs of CI may have tokens */
        get: operations["list-trusts"];
        put?: never;
        /** Let jobs of a repository have short-lived tokens */
        post: operations["create-trust"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trusts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a trust; the tokens it gave end at once */
        delete: operations["delete-trust"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Say what answers */
        get: operations["get-version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vex-documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List VEX documents, imported and attested, the newest first */
        get: operations["list-vex-documents"];
        put?: never;
        /** Import a VEX document: OpenVEX, CycloneDX with analyses, or CSAF; it takes the place of one of the same author and identifier */
        post: operations["import-vex-document"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vex-documents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a VEX document, without its statements */
        get: operations["get-vex-document"];
        put?: never;
        post?: never;
        /** Delete a VEX document; one that was attested comes back when the image is analysed again */
        delete: operations["delete-vex-document"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vex-documents/{id}/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the statements of a VEX document, with what became of each and, if nothing did, why */
        get: operations["list-vex-statements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vulnerabilities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List vulnerabilities over all images, worst or most urgent first */
        get: operations["list-vulnerabilities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vulnerabilities/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what every source says of a vulnerability, and what has it */
        get: operations["get-vulnerability"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vulnerabilities/{id}/exposure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell when which environment was exposed to a vulnerability, within a year */
        get: operations["get-vulnerability-exposure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vulnerabilities/{id}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the images that have a vulnerability, with where and whether in use */
        get: operations["list-vulnerability-images"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get numbers of the organisation for Prometheus; for a token of the first organisation also those of this process */
        get: operations["get-metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Account: {
            email: string;
            hasPassword: boolean;
            id: string;
            /** @description Of the dashboard, as a language tag; empty is the browser's */
            language: string;
            name: string;
        };
        AccountChange: {
            language?: string;
            name?: string;
            /** @description Ends all other sessions */
            password?: components["schemas"]["PasswordChange"];
        };
        AccountSession: {
            /** @description Where it began */
            address: string;
            /** @description What the browser calls itself */
            agent: string;
            /** Format: date-time */
            created: string;
            /** @description This request came in it */
            current: boolean;
            /**
             * Format: date-time
             * @description Unless it is used before
             */
            expires: string;
            id: string;
            /**
             * Format: date-time
             * @description To the minute
             */
            lastUsed: string;
        };
        Advisory: {
            affected: components["schemas"]["AffectedRange"][];
            aliases: string[];
            /**
             * Format: date-time
             * @description When it was first taken here
             */
            firstHeld: string;
            id: string;
            /**
             * Format: date-time
             * @description When its present state was taken
             */
            imported: string;
            /** Format: date-time */
            modified: string;
            /** Format: date-time */
            published?: string;
            related: string[];
            /** @description CVSS vectors as published */
            severity: components["schemas"]["SeverityVector"][];
            summary: string;
            /** @description Vulnerabilities that it carries over to its packages */
            upstream: string[];
            /**
             * Format: date-time
             * @description Null unless withdrawn; then it matches nothing
             */
            withdrawn: string | null;
            /** @description The source's own word for the severity */
            word?: string;
        };
        AdvisoryAge: {
            /** Format: date-time */
            checked: string;
            ecosystem: string;
            /** @description Not checked for 48 hours */
            stale: boolean;
        };
        AdvisoryStatus: {
            /**
             * Format: date-time
             * @description When it was last taken or found unchanged
             */
            checked?: string;
            /** @description Of feed osv; empty otherwise */
            ecosystem: string;
            /**
             * Format: date-time
             * @description Since when updates fail
             */
            failingSince?: string;
            /**
             * Format: int64
             * @description Updates that failed since then
             */
            failures?: number;
            /**
             * @description Advisories of an ecosystem, CISA's catalogue of exploited vulnerabilities, or FIRST's estimates
             * @enum {string}
             */
            feed: "osv" | "kev" | "epss";
            /**
             * Format: date-time
             * @description When something new was last taken; absent if nothing is held
             */
            imported?: string;
            /**
             * Format: date-time
             * @description Newest modification time within; of kev and epss, when it was published
             */
            newest?: string;
            /**
             * Format: date-time
             * @description When the server fetches it next; absent where it does not by itself
             */
            nextUpdate?: string;
            /** @description Why the last update failed; what was held before stands */
            reason?: string;
            /** Format: int64 */
            records: number;
            /** @description Not checked for 48 hours */
            stale: boolean;
        };
        AdvisoryUpdate: {
            added: components["schemas"]["Named"];
            /**
             * Format: date-time
             * @description When it last changed something, or failed
             */
            at: string;
            changed: components["schemas"]["Named"];
            /**
             * Format: int64
             * @description The same of those that are found no longer
             */
            closed: number;
            ecosystem: string;
            /**
             * @description bundle is everything from another server; of it there is only that it failed, as what it brings is listed of the others
             * @enum {string}
             */
            feed: "osv" | "kev" | "epss" | "bundle";
            id: string;
            /**
             * Format: int64
             * @description Vulnerabilities of package versions, over the whole installation, that were found for what it changed, as far as they are matched
             */
            opened: number;
            /** @description Why it failed; what was held before stands */
            reason?: string;
            /**
             * Format: int64
             * @description How often in a row it failed for that
             */
            tries?: number;
            /** @description Taken back by its source */
            withdrawn: components["schemas"]["Named"];
        };
        AffectedRange: {
            ecosystem: string;
            /**
             * Format: int64
             * @description How many are not listed here
             */
            moreVersions?: number;
            name: string;
            ranges: components["schemas"]["Range"][];
            /** @description Overrides the advisory's */
            severity: components["schemas"]["SeverityVector"][];
            /** @description Listed one by one; a hundred at most */
            versions: string[];
            word?: string;
        };
        AffectedVersion: {
            /** @description Why it was found then, such as "advisory published" */
            cause: string;
            cvss: components["schemas"]["CVSS"] | null;
            /** @description The advisory whose severity and fix are shown */
            decidedBy: string;
            /** @enum {string} */
            decidedWhy: "only-source" | "ships-the-package" | "best-founded" | "first-by-id";
            ecosystem: string;
            /** @description Lowest version that clears it; null if none is known */
            fixedVersion: string | null;
            /** Format: int64 */
            images: number;
            /** @description The other advisories that say so */
            others: string[];
            package: components["schemas"]["FindingPackage"];
            /** @description The advisory that the score is borrowed from, and the severity where the own source gives none */
            scoreFrom?: string;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /** Format: date-time */
            since: string;
            /**
             * @description Why the distribution does not mend it in this release, in Debian's words
             * @enum {string}
             */
            state?: "unimportant" | "no-dsa" | "postponed" | "ignored" | "end-of-life";
            /**
             * Format: int64
             * @description In how many images decisions suppress it; these are not counted in images
             */
            suppressed?: number;
        };
        Analysis: {
            /** Format: date-time */
            created: string;
            digest?: string;
            /** Format: date-time */
            finished?: string;
            id: string;
            /**
             * @description Who waits for it: a person or a pipeline, a push, or nobody in particular
             * @enum {string}
             */
            lane: "people" | "push" | "backfill";
            platform: string;
            reason?: string;
            reference: string;
            /** @enum {string} */
            state: "queued" | "running" | "done" | "failed";
            /** @description That it had when it was pushed */
            tag?: string;
        };
        AnalysisRequest: {
            /** @description os/architecture[/variant]; an image of another platform is then no answer. Default linux/amd64 of an index, and a single image whatever it is for */
            platform?: string;
            /** @description registry/repository:tag or @digest */
            reference: string;
        };
        AssignRequest: {
            images: components["schemas"]["ImageKey"][];
        };
        Assigned: {
            /**
             * Format: int64
             * @description Taken out
             */
            closed: number;
            /**
             * Format: int64
             * @description Were assigned before
             */
            continued: number;
            environment: string;
            /** @description In the order asked for */
            images: components["schemas"]["AssignedImage"][];
            /**
             * Format: int64
             * @description Assigned now
             */
            opened: number;
        };
        AssignedImage: {
            /** @description Of its manifest, or the one given while nothing is known of it */
            digest: string;
            /** @description It is assigned under: a name, or a digest where none was given */
            reference: string;
            /** @enum {string} */
            state: "analysed" | "found" | "failed" | "unresolved";
        };
        Attestation: {
            /** @description Of the blob it was read from, by which it is asked for; absent where there is only a problem */
            digest?: string;
            /**
             * @description What sort of statement it is, by its predicate type
             * @enum {string}
             */
            kind: "sbom" | "provenance" | "vex" | "other";
            /** @description Of the manifest that carries it */
            manifest?: string;
            /** @description Of the blob */
            mediaType?: string;
            /** @description As the statement says, or, if it could not be read, its manifest */
            predicateType?: string;
            /** @description Why it could not be read, or does not count for this image */
            problem?: string;
            /** @description What a provenance statement tells of the build */
            provenance?: components["schemas"]["Provenance"];
            /**
             * Format: int64
             * @description Bytes of the blob
             */
            size: number;
            /**
             * @description Where it is: in the index of the image, or among what refers to it
             * @enum {string}
             */
            source: "index" | "referrer";
        };
        Attestations: {
            image: components["schemas"]["Target"];
            /** @description In the order in which they were found, with what could not be read. No signature is verified */
            items: components["schemas"]["Attestation"][];
            /**
             * Format: date-time
             * @description When they were last looked for; absent if never, which is not the same as none
             */
            read?: string;
        };
        AuditActor: {
            address?: string;
            id?: string;
            /** @enum {string} */
            kind: "person" | "token" | "machine" | "system";
            name: string;
        };
        AuditEntry: {
            /** @description Such as token.create */
            action: string;
            actor: components["schemas"]["AuditActor"];
            detail: {
                [key: string]: string;
            };
            id: string;
            /** @description What was changed, by the name people know */
            subject: string;
            /** Format: date-time */
            time: string;
        };
        Backfill: {
            /**
             * Format: int64
             * @description Tags whose image is not analysed, or of which that is not known yet
             */
            images: number;
            /**
             * Format: int64
             * @description With something to fill up
             */
            repositories: number;
            /**
             * Format: int64
             * @description Enabled repositories whose tags were not read yet, so that they are not counted
             */
            unread: number;
        };
        Base: {
            /**
             * @description How it is known: an attestation of the build names it, the image says so, or it begins with all layers of that image
             * @enum {string}
             */
            by: "provenance" | "label" | "layers";
            /** @description As the attestation or the label says, or of the platform manifest */
            digest?: string;
            /**
             * Format: int64
             * @description How many of the lowest layers are its; 0 if it is not known here
             */
            layers: number;
            /** @description As the attestation or the label says, or a tag of the image */
            name?: string;
        };
        BaseImage: {
            /** @description Up to 20 of them, by name */
            built: components["schemas"]["ImageName"][];
            /**
             * @description How it is known: an attestation of the build names it, the image says so, or it begins with all layers of that image
             * @enum {string}
             */
            by: "provenance" | "label" | "layers";
            /** @description As the attestation or the label says, or of the platform manifest */
            digest?: string;
            /** @description Of the image itself; empty if it is not known */
            distribution: string;
            /**
             * Format: int64
             * @description How many images are built on it; within the environment asked for, if one was
             */
            images: number;
            /** @description The part of the summary in package versions seen loaded in anything that runs, within the environment asked for, if one was; missing where run time watches none of them */
            inUse?: components["schemas"]["Summary"];
            /** @description The image itself; absent if it is not analysed here */
            known?: components["schemas"]["ImageName"];
            /**
             * Format: int64
             * @description How many of the lowest layers are its; 0 if it is not known here
             */
            layers: number;
            /** @description As the attestation or the label says, or a tag of the image */
            name?: string;
            /** @description Vulnerabilities of the image itself; all zero if it is not known */
            summary: components["schemas"]["Summary"];
        };
        BaseOption: {
            /** @description Other tags of the same image; 20 at most */
            also: string[];
            /**
             * Format: date-time
             * @description When it was built or, if it does not say, first seen
             */
            built?: string;
            /** @description Of the platform manifest */
            digest: string;
            /** @description Parts of it could not be analysed, or compared with advisories */
            incomplete?: boolean;
            /** Format: int64 */
            packages: number;
            /** @description What the tag names, to be written behind it in a Dockerfile */
            pin?: string;
            /** @description Registry, repository and tag; empty of a base that no tag names now */
            reference: string;
            /** @description Of its distribution; empty if that is not known */
            release: string;
            /**
             * Format: int64
             * @description Compressed bytes of all layers
             */
            size: number;
            /** @description Programs with their versions that no package manager brought, such as a runtime; 20 at most */
            software: string[];
            /** @description Findings that count */
            summary: components["schemas"]["Summary"];
            /**
             * Format: date
             * @description The last day on which the makers of the release fix something; absent if that is not known
             */
            supported?: string;
        };
        BaseReason: {
            /**
             * Format: int64
             * @description How many, or of a size how many bytes
             */
            count?: number;
            /** @description Whether it speaks for the base */
            for: boolean;
            /** @description How it is now: software, release, day, or repository */
            from?: string;
            /** @enum {string} */
            name: "fewer-critical" | "more-critical" | "fewer-high" | "more-high" | "fewer-others" | "brings-none" | "brings" | "same-software" | "newer-software" | "software-step" | "older-software" | "same-release" | "another-release" | "another-system" | "supported-longer" | "supported-shorter" | "unsupported" | "smaller" | "larger" | "fewer-packages" | "lacks" | "newer-build" | "older-build" | "same-variant" | "another-repository" | "incomplete";
            /** @description How it would be; of packages that it lacks the first few names */
            to?: string;
        };
        BaseUpgrade: {
            /** @description Critical and high findings that it has and the base of now has not */
            brings: components["schemas"]["Summary"];
            /** @description Critical and high findings in the layers of the base that what the tag names now has not */
            clears: components["schemas"]["Summary"];
            /** @description Of which packages; 20 at most */
            packages: string[];
            /** @description What the tag names now */
            pin?: string;
            reference: string;
        };
        CVEs: {
            /**
             * Format: date-time
             * @description Of when FIRST's estimates are; absent if none are held
             */
            epssAsOf?: string;
            findings: components["schemas"]["Finding"][];
            image: components["schemas"]["Target"];
            /**
             * Format: date-time
             * @description Of when CISA's catalogue is; absent if it is not held, and then no finding is known to be in it
             */
            kevAsOf?: string;
            /**
             * Format: int64
             * @description How many findings were left out because the distribution takes them as minor, as was asked for
             */
            minorHidden?: number;
            /** @description Packages for which no whole set of advisories is held: findings of them are missing */
            missingAdvisories: components["schemas"]["MissingAdvisories"][];
            /** @description What does not count in the environment asked about, since it takes what was not seen loaded as not affected: in neither summary nor findings */
            notAffected: components["schemas"]["Finding"][];
            /** @description Parts of the image that could not be analysed: findings in them are not listed */
            problems: components["schemas"]["Problem"][];
            /** @description Ecosystems of its packages of which the advisories were not checked for 48 hours: newer findings are missing */
            staleAdvisories?: components["schemas"]["AdvisoryAge"][];
            /** @description Findings by severity */
            summary: components["schemas"]["Summary"];
            /** @description What decisions suppress, with who decided, why and until when: in neither summary nor findings */
            suppressed: components["schemas"]["Finding"][];
            /** @description Of each package listed, the lowest version that clears all findings of which a fix is known; packages without one are left out */
            updates: components["schemas"]["PackageUpdate"][];
        };
        CVSS: {
            /** Format: double */
            score: number;
            vector: string;
            version: string;
        };
        Certificate: {
            /** Format: date-time */
            expires: string;
            /** @description SHA-256 of the certificate, in hexadecimal */
            fingerprint: string;
            subject: string;
        };
        Change: {
            /** Format: int64 */
            added: number;
            layer: string;
            /** Format: int64 */
            removed: number;
        };
        CheckedPolicy: {
            description: string;
            /** @description Unless it is given another */
            name: string;
            /** @description All of them, as an object */
            parameters: unknown;
            /** Format: int64 */
            weight: number;
            /** @description What a policy in Rego says of itself; absent of others */
            written?: components["schemas"]["Written"];
        };
        ClearedVulnerability: {
            id: string;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
        };
        Clusters: {
            clusters: string[];
            /** @description Those of the clusters that integrations connect already */
            connected: components["schemas"]["Feeding"][];
            /** @description What may be wrong although nothing failed */
            hint?: string;
            /**
             * @description Which list of Sysdig that is: the one that belongs to the token, of clusters that share what runs there, or one that is asked where that is not to be had; absent if none is, and then a name must be typed
             * @enum {string}
             */
            listedBy?: "risk-spotlight" | "data-sources" | "inventory";
            /** @description Why the list that belongs to the token is not to be had */
            refused?: string;
        };
        ClustersRequest: {
            /** @description Token of an API user, for the names of images where the Risk Spotlight token does not open them; both are tried at the same time */
            apiToken?: string;
            /** @description Certificates of authorities in PEM form, trusted for this integration beside the system's; only with region custom */
            ca?: string;
            region: string;
            token: string;
            url?: string;
        };
        ComparedEnvironment: {
            /**
             * Format: date-time
             * @description Oldest last complete sweep of its integrations
             */
            asOf?: string;
            /**
             * Format: date-time
             * @description If it is what ran there then
             */
            at?: string;
            /** @description What runs there and is not analysed, or has no repository, is not compared */
            coverage: components["schemas"]["Coverage"];
            name: string;
        };
        ComparedImage: {
            /** @description The attested bill of materials that the packages are from, if it was asked to stand in for an analysis */
            attested?: string;
            digest: string;
            distribution: string;
            imageId: string;
            name: string;
            platform: string;
            /**
             * Format: int64
             * @description Compressed bytes of all layers
             */
            size: number;
        };
        ComparedPolicies: {
            /** Format: int64 */
            better: number;
            /** @description The policies that say something of both sides, in the order in which they were made */
            items: components["schemas"]["ComparedPolicy"][];
            /** Format: int64 */
            same: number;
            scoreAfter?: components["schemas"]["ComparedScore"];
            /** @description Absent if no policy counts; of several images that which reaches least */
            scoreBefore?: components["schemas"]["ComparedScore"];
            /**
             * Format: int64
             * @description How many could be told of one side alone
             */
            unclear: number;
            /**
             * Format: int64
             * @description How many are not met and were, or are broken in more places
             */
            worse: number;
        };
        ComparedPolicy: {
            after: components["schemas"]["ComparedVerdict"];
            /** @description Of several images that which it likes least */
            before: components["schemas"]["ComparedVerdict"];
            policy: string;
            /**
             * @description unclear: it could be told of one side alone
             * @enum {string}
             */
            trend: "better" | "worse" | "same" | "unclear";
            type: string;
        };
        ComparedScore: {
            /** @enum {string} */
            grade: "A" | "B" | "C" | "D" | "E" | "F";
            /** Format: int64 */
            percent: number;
        };
        ComparedSide: {
            /**
             * Format: date-time
             * @description If it is what ran there then
             */
            at?: string;
            /** @description If it is what runs there */
            environment?: string;
            images: components["schemas"]["ComparedImage"][];
            /**
             * Format: int64
             * @description How many findings of the side were left out of everything because the distribution takes them as minor, as was asked for
             */
            minorHidden?: number;
            /** @description Packages for which no whole set of advisories is held */
            missingAdvisories: components["schemas"]["MissingAdvisories"][];
            /**
             * Format: int64
             * @description Images of the repository that run in the environment and are not analysed, so that they are not part of the side
             */
            notAnalysed?: number;
            /**
             * Format: int64
             * @description Package versions, each once
             */
            packages: number;
            /** @description Parts of the images that could not be analysed */
            problems: components["schemas"]["Problem"][];
            /** @description If it is what runs in an environment: the repository whose images are meant */
            repository?: string;
            /** @description Findings by severity, each once */
            summary: components["schemas"]["Summary"];
        };
        ComparedStanding: {
            after: components["schemas"]["Standing"];
            before: components["schemas"]["Standing"];
            /** @description 20 at most */
            better: string[];
            policy: string;
            /**
             * @description worse if it is in any repository, else better if it is in any, else unclear
             * @enum {string}
             */
            trend: "better" | "worse" | "same" | "unclear";
            type: string;
            /** @description 20 at most */
            unclear: string[];
            /** @description Repositories in which it is worse: not met where it was, broken in more places, or not met where nothing ran; 20 at most */
            worse: string[];
        };
        ComparedStandings: {
            /**
             * Format: int64
             * @description How many are better in one and worse in none
             */
            better: number;
            /** @description The side after */
            environment: string;
            /** @description The policies that say something of a repository that runs on the side after */
            items: components["schemas"]["ComparedStanding"][];
            /**
             * Format: int64
             * @description Images of these repositories that are not analysed, or of which the content was removed: nothing is said of them
             */
            notAsked: number;
            /** Format: int64 */
            same: number;
            /** @description The side before, whose policies are asked */
            toEnvironment: string;
            /**
             * Format: int64
             * @description How many could in some repository be told of one side alone, and are neither worse nor better
             */
            unclear: number;
            /**
             * Format: int64
             * @description How many policies are worse in a repository
             */
            worse: number;
        };
        ComparedVerdict: {
            reason: string;
            /** @description The sentences of the reason; absent of a policy in Rego */
            says?: components["schemas"]["Saying"][];
            /** @enum {string} */
            status: "compliant" | "non-compliant" | "no-data";
            /** Format: int64 */
            violations: number;
        };
        Comparison: {
            /** @description What may take its place */
            after: components["schemas"]["ComparedSide"];
            /** @description What is compared to */
            before: components["schemas"]["ComparedSide"];
            /** @description What the images say differently of themselves; none if a side is several images */
            facts: components["schemas"]["FactChange"][];
            /** @description The worst first */
            findings: components["schemas"]["FindingChange"][];
            /** @description Findings that only the side before has */
            fixed: components["schemas"]["Summary"];
            /** @description Findings that only the side after has */
            new: components["schemas"]["Summary"];
            packageCounts: components["schemas"]["PackageCounts"];
            /** @description By type and name */
            packages: components["schemas"]["PackageChange"][];
            /** @description What policies say of both sides by what is in their images, those left out that ask how an image runs. Absent where they could not be asked about a side */
            policies?: components["schemas"]["ComparedPolicies"];
            /** @description Findings that both sides have, by their severity after */
            unchanged: components["schemas"]["Summary"];
        };
        Config: {
            command?: string[];
            entrypoint?: string[];
            env?: components["schemas"]["Variable"][];
            ports?: string[];
            workingDir?: string;
        };
        Content: {
            /** @description What each layer does to the packages, lowest first */
            changes?: components["schemas"]["Change"][];
            distribution: components["schemas"]["Distribution"];
            /** @description VEX documents in its file system; they do not count where something is attested of it */
            documents?: components["schemas"]["Document"][];
            packages: components["schemas"]["Package"][];
            /** @description What could not be read */
            problems?: components["schemas"]["Problem"][];
            /** @description What was attested of it */
            statements?: components["schemas"]["Statement"][];
        };
        Coverage: {
            /** Format: int64 */
            analysed: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            notAnalysed: number;
            /** Format: int64 */
            running: number;
            /** Format: int64 */
            unresolved: number;
        };
        CoverageReport: {
            /** Format: int64 */
            analysed: number;
            /** @description Also those of which no image is analysed yet */
            environments: components["schemas"]["EnvironmentSummary"][];
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            notAnalysed: number;
            /** Format: int64 */
            running: number;
            /** Format: int64 */
            unresolved: number;
        };
        DecisionScope: {
            /** @description Only what runs there, in what is shown of these environments */
            environments?: string[];
            /** @description One reference: registry/repository:tag, or registry/repository@sha256:… for whatever tag of the repository names that image */
            image?: string;
            /** @description Package URLs; without a version any version, and of qualifiers only those given count */
            packages?: string[];
            /** @description Patterns of repositories, with their registry or without; * stands for any characters */
            repositories?: string[];
        };
        DecisionSettings: {
            /** @description Whether what an editor decides waits for the approval of an owner */
            approval: boolean;
            /** @description Authors of VEX documents who are trusted; a * stands for any characters. What others state suppresses nothing */
            vexAuthors: string[];
        };
        DecisionSettingsChange: {
            approval?: boolean;
            vexAuthors?: string[];
        };
        DeletedEnvironment: {
            /** @description Who deleted it: an e-mail address, or the name of a token. Only for those who may read the audit log, and as far as that goes back */
            by?: string;
            /** Format: date-time */
            deleted: string;
            name: string;
        };
        DeliveredImage: {
            /** @description How it wants to run */
            config?: components["schemas"]["Config"];
            /** Format: date-time */
            created?: string;
            /** @description Of the platform manifest */
            digest: string;
            /** @description Digest of the configuration */
            imageId: string;
            /** @description From which the platform was chosen */
            index?: string;
            labels?: {
                [key: string]: string;
            };
            /** @description Lowest first */
            layers: components["schemas"]["DeliveredLayer"][];
            /** @description What it is called */
            name: string;
            platform: components["schemas"]["Platform"];
            /**
             * Format: int64
             * @description Bytes of its layers as they are stored
             */
            size: number;
            user?: string;
        };
        DeliveredLayer: {
            /** @description The line of the history */
            createdBy?: string;
            diffId: string;
            /** @description Of the blob as it is stored */
            digest?: string;
            mediaType?: string;
            /** Format: int64 */
            size: number;
        };
        Delivery: {
            /** @description Version of the analyser that looked into it */
            analyser: string;
            /** @description What was found in it */
            content?: components["schemas"]["Content"];
            /** @description Why it could not be analysed */
            failure?: components["schemas"]["Failure"];
            image: components["schemas"]["DeliveredImage"];
            /** @description By which a registry gave it */
            tag?: components["schemas"]["Tag"];
        };
        Distribution: {
            codename?: string;
            id?: string;
            name?: string;
            versionId?: string;
        };
        Document: {
            /** @description In base64; 4 MiB at most, and 16 MiB of all */
            content: string;
            /** @description Diff ID of the layer that brought it */
            layer: string;
            path: string;
        };
        EPSS: {
            /**
             * Format: double
             * @description Part of all estimated vulnerabilities whose score is not higher
             */
            percentile: number;
            /**
             * Format: double
             * @description Probability that it is exploited within thirty days
             */
            score: number;
        };
        EndOfLife: {
            /**
             * Format: date
             * @description The last day, UTC
             */
            day: string;
            /** @description It is over: vulnerabilities found since are mostly not fixed, and may not be known for the release */
            past: boolean;
            /** @description Where the makers say so */
            source: string;
        };
        EnvironmentChange: {
            description?: string;
            /** @description Take vulnerabilities of packages that were not seen loaded as not affected (VEX: vulnerable_code_not_in_execute_path): they do not count, and stay listed as such */
            discountNotSeen?: boolean;
            name?: string;
            /**
             * Format: int64
             * @description After so many days a profile that was not reported again no longer tells what was not seen; 0 is never
             */
            profileDays?: number;
        };
        EnvironmentComparison: {
            after: components["schemas"]["ComparedEnvironment"];
            before: components["schemas"]["ComparedEnvironment"];
            /** @description Over all repositories */
            change: components["schemas"]["FindingCounts"];
            /** @description Part of the list, by repository */
            items: components["schemas"]["RepositoryComparison"][];
            /**
             * Format: int64
             * @description How many findings that would come or go were left out of all counts because the distribution takes them as minor, as was asked for
             */
            minorHidden?: number;
            /** @description Cursor of the next part; absent on the last */
            next?: string;
            /** @description Repositories by what would become of them, whatever part of the list this is */
            states: components["schemas"]["RepositoryCounts"];
        };
        EnvironmentExposure: {
            /**
             * Format: date-time
             * @description When it should be remediated; null if it is over, suppressed, left out as not seen, or without a target
             */
            due: string | null;
            environment: string;
            /** Format: int64 */
            episodeCount: number;
            /** @description Times of uninterrupted exposure, the newest first; 20 at most */
            episodes: components["schemas"]["ExposureEpisode"][];
            /**
             * Format: date-time
             * @description When it was first found in something that ran there
             */
            knownSince: string;
            /** @description Of one that is open: it does not count now, as nothing of it is seen loaded and the environment takes that as not affected */
            notSeen?: boolean;
            open: boolean;
            /** @description Open for longer than its target, and not suppressed nor left out as not seen */
            overdue: boolean;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /** @description Of one that is open: the decision by which it does not count now, of several the one that ends first; absent if it counts */
            suppressed?: components["schemas"]["Suppression"];
            vulnerability: string;
        };
        EnvironmentSummary: {
            /**
             * Format: date-time
             * @description Oldest last complete sweep of its integrations
             */
            asOf?: string;
            /** @description Whether it is latest-indexed, the newest analysed image of each repository and platform: nothing runs there, and nobody changes it */
            builtIn: boolean;
            clusters: string[];
            /**
             * @description What the summary counts; in lists the findings of each image, summed up
             * @enum {string}
             */
            counting: "images" | "packages" | "vulnerabilities";
            /** @description Distinct running images by what is known of them */
            coverage: components["schemas"]["Coverage"];
            description: string;
            /** @description Whether vulnerabilities of packages that were not seen loaded there are taken as not affected, and do not count */
            discountNotSeen: boolean;
            /**
             * Format: int64
             * @description Analysed images that run there
             */
            images: number;
            /** @description The part of the summary in packages seen loaded there, counted in the same way */
            inUse: components["schemas"]["Summary"];
            /**
             * Format: date-time
             * @description Of a past time: when something was first seen there; of what was before, nothing is known
             */
            knownSince?: string;
            name: string;
            /** @description What the summary leaves out for that, counted in the same way */
            notAffected: components["schemas"]["Summary"];
            /**
             * Format: int64
             * @description After so many days a profile that its source did not report again no longer tells what was not seen, which is then not observed; 0 is never. What was seen in use stays that
             */
            profileDays: number;
            /**
             * Format: date-time
             * @description When the oldest profile of what runs there was last reported; missing without one
             */
            profilesAsOf?: string;
            /** @description Kinds of what feeds it: sysdig, or assigned for images recorded by hand or from CI */
            sources: string[];
            /** @description Vulnerabilities by severity */
            summary: components["schemas"]["Summary"];
            /** @description What the summary leaves out by decisions, counted in the same way */
            suppressed: components["schemas"]["Summary"];
        };
        ErrorDetail: {
            /** @description Where the error occurred, e.g. 'body.items[3].tags' or 'path.thing-id' */
            location?: string;
            /** @description Error message text */
            message?: string;
            /** @description The value at the given location */
            value?: unknown;
        };
        ErrorModel: {
            /**
             * @description A human-readable explanation specific to this occurrence of the problem.
             * @example Property foo is required but is missing.
             */
            detail?: string;
            /** @description Optional list of individual error details */
            errors?: components["schemas"]["ErrorDetail"][];
            /**
             * Format: uri
             * @description A URI reference that identifies the specific occurrence of the problem.
             * @example https://example.com/error-log/abc123
             */
            instance?: string;
            /**
             * Format: int64
             * @description HTTP status code
             * @example 400
             */
            status?: number;
            /**
             * @description A short, human-readable summary of the problem type. This value should not change between occurrences of the error.
             * @example Bad Request
             */
            title?: string;
            /**
             * Format: uri
             * @description A URI reference to human-readable documentation for the error.
             * @default about:blank
             * @example https://example.com/errors/example
             */
            type: string;
        };
        EvaluationRequest: {
            /** @description Take in-use data from this environment only */
            environment?: string;
            /** @description Say of each finding why it was found */
            explain?: boolean;
            image: components["schemas"]["Target"];
            packages: components["schemas"]["PackageVersion"][];
        };
        Event: {
            fixed?: string;
            introduced?: string;
            lastAffected?: string;
            limit?: string;
        };
        Exception: {
            /** Format: date-time */
            approved?: string;
            /** @description Absent if it needed no approval */
            approvedBy?: string;
            author: string;
            /** Format: date-time */
            created: string;
            /**
             * Format: date-time
             * @description From then on it does not hold; absent for ever
             */
            expires?: string;
            id: string;
            justification?: string;
            /** Format: date-time */
            revoked?: string;
            revokedBy?: string;
            scope: components["schemas"]["DecisionScope"];
            /**
             * @description Only what is active suppresses anything; what waits needs the approval of an owner
             * @enum {string}
             */
            state: "waiting" | "active" | "expired" | "revoked";
            text: string;
            /** @enum {string} */
            type: "accepted-risk" | "false-positive";
            vulnerability: string;
        };
        ExceptionExample: {
            digest: string;
            image: string;
            /** @description As a package URL */
            package: string;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            vulnerability: string;
        };
        ExceptionPreview: {
            /** @description In which one of the images runs */
            environments: string[];
            /** @description 10 at most, the worst first */
            examples: components["schemas"]["ExceptionExample"][];
            /**
             * Format: int64
             * @description Packages with the vulnerability, in each image
             */
            findings: number;
            /** Format: int64 */
            images: number;
            /**
             * Format: int64
             * @description Images that it is about under one of their names, and that go on counting since they have another one that it is not about
             */
            spared: number;
            /** @description 10 of them at most */
            sparedImages: components["schemas"]["SparedImage"][];
            /**
             * Format: int64
             * @description How many of those that it is about are suppressed already
             */
            suppressed: number;
            /** @description As images have it; empty if none has */
            vulnerability: string;
            /** @description Whether it would wait for the approval of an owner */
            waits: boolean;
        };
        ExceptionRequest: {
            /** @description The last day on which it holds, as 2026-12-31, or a time; absent for ever */
            expires?: string;
            /**
             * @description Of a false positive why, in the words of OpenVEX
             * @enum {string}
             */
            justification?: "component_not_present" | "vulnerable_code_not_present" | "vulnerable_code_not_in_execute_path" | "vulnerable_code_cannot_be_controlled_by_adversary" | "inline_mitigations_already_exist";
            /** @description What it holds for: each part narrows, and nothing at all is the whole organisation */
            scope: components["schemas"]["DecisionScope"];
            /** @description Why it is decided so */
            text: string;
            /** @enum {string} */
            type: "accepted-risk" | "false-positive";
            /** @description Any name of the vulnerability */
            vulnerability: string;
        };
        ExchangeRequest: {
            /** @description Needed where several trust the repository */
            organisation?: string;
            /** @description Fewer than the trust gives; all of them if absent */
            scopes?: ("read" | "upload" | "write")[];
            /** @description The identity token of the job */
            token: string;
        };
        ExchangedToken: {
            /** Format: date-time */
            expires: string;
            scopes: string[];
            /** @description Shown only now */
            token: string;
        };
        ExplainedEvent: {
            /**
             * @description Where the compared version is; absent if it was not compared
             * @enum {string}
             */
            is?: "below" | "at" | "above";
            /** @enum {string} */
            kind: "introduced" | "fixed" | "last-affected" | "limit";
            /** @description 0 is before every version */
            version: string;
        };
        ExplainedRange: {
            /** @description In the order of versions; of many those around the version */
            events: components["schemas"]["ExplainedEvent"][];
            /** Format: int64 */
            moreEvents?: number;
            /** @description False if it is of commits, or holds what is no version: then it says nothing of versions */
            ordered: boolean;
            /** @enum {string} */
            type: "SEMVER" | "ECOSYSTEM" | "GIT";
            within: boolean;
        };
        ExplainedSource: {
            advisory: string;
            affected: boolean;
            /** @description Of the entry that decided, as the advisory writes it; absent if it speaks of other releases only */
            ecosystem?: string;
            fixedVersion?: string;
            /** @description By which it knows the package; of a distribution mostly the source package */
            name: string;
            /** @description Those in which the version lies first; 20 at most */
            ranges: components["schemas"]["ExplainedRange"][];
            /** @description Ecosystems in which it speaks of the package; 50 at most */
            releases: string[];
            /** @enum {string} */
            rule: "in-range" | "all-versions" | "listed" | "listed-otherwise" | "outside-ranges" | "not-listed" | "fixed-build" | "other-stream" | "other-release" | "not-ordered" | "ranges-not-ordered" | "withdrawn";
            /** Format: double */
            score?: number;
            /** @description By this advisory alone; absent if it does not affect the version */
            severity?: string;
            state?: string;
            /** @description That was compared: the source package's, if name is its name */
            version: string;
            /** @description That it is about; 20 at most */
            vulnerabilities: string[];
            /** Format: date-time */
            withdrawn?: string;
        };
        Explanation: {
            /** @description The advisory whose severity and fix are shown; absent if nothing was found */
            decidedBy?: string;
            /** @enum {string} */
            decidedWhy?: "only-source" | "ships-the-package" | "best-founded" | "first-by-id";
            /** @description Of the package, as OSV names it, with its release */
            ecosystem: string;
            /** Format: int64 */
            moreSources?: number;
            /** @description The advisories held that speak of the package and the vulnerability, the one that decides first, then those that affect the version; 50 at most */
            sources: components["schemas"]["ExplainedSource"][];
        };
        Exposure: {
            /**
             * Format: date-time
             * @description When it should be remediated; null if it is over, suppressed, left out as not seen, or without a target
             */
            due: string | null;
            /** Format: int64 */
            episodeCount: number;
            /** @description Times of uninterrupted exposure, the newest first; 20 at most */
            episodes: components["schemas"]["ExposureEpisode"][];
            /**
             * Format: date-time
             * @description When it was first found in something that ran there
             */
            knownSince: string;
            /** @description Of one that is open: it does not count now, as nothing of it is seen loaded and the environment takes that as not affected */
            notSeen?: boolean;
            open: boolean;
            /** @description Open for longer than its target, and not suppressed nor left out as not seen */
            overdue: boolean;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /** @description Of one that is open: the decision by which it does not count now, of several the one that ends first; absent if it counts */
            suppressed?: components["schemas"]["Suppression"];
            vulnerability: string;
        };
        ExposureCause: {
            digest?: string;
            image?: string;
            /**
             * @description image: it started, or ended, to run; finding: what ran became known to be vulnerable, or no longer was
             * @enum {string}
             */
            kind: "image" | "finding";
        };
        ExposureDay: {
            /** Format: date */
            date: string;
            /** @description At its end, or at asOf; whatever is decided or seen loaded, as decisions and profiles are of now and the past is shown as it was */
            open: components["schemas"]["Summary"];
            opened: components["schemas"]["Summary"];
            remediated: components["schemas"]["Summary"];
            /** @description Ended because nobody watches any more what ran, and not among the remediated */
            unwatched: components["schemas"]["Summary"];
        };
        ExposureEpisode: {
            /** @description What began it */
            came: components["schemas"]["ExposureCause"];
            /** Format: date-time */
            since: string;
            /**
             * Format: date-time
             * @description Null while it lasts
             */
            until: string | null;
            /** @description It ended because nobody watches any more what ran: whether the image still does is not known, and nothing was remediated */
            unwatched?: boolean;
            went: components["schemas"]["ExposureCause"] | null;
        };
        ExposureFigures: {
            /**
             * Format: double
             * @description How long the remediated ones had lasted; null without any
             */
            medianDays: number | null;
            /**
             * Format: int64
             * @description Other vulnerabilities exposed now that are left out as not seen: of an environment that takes as not affected what is not seen loaded, those of which nothing counts there
             */
            notSeen: number;
            /**
             * Format: int64
             * @description Vulnerabilities exposed now, without those that decisions suppress, or that are not seen loaded where that is taken as not affected
             */
            open: number;
            /**
             * Format: int64
             * @description Exposures that began within the days
             */
            opened: number;
            /**
             * Format: int64
             * @description Of open, those open for longer than the target
             */
            overdue: number;
            /** Format: double */
            percentile90Days: number | null;
            /**
             * Format: int64
             * @description Exposures that ended within the days
             */
            remediated: number;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /**
             * Format: int64
             * @description Vulnerabilities exposed now that decisions suppress wherever they are found in what runs there
             */
            suppressed: number;
            /**
             * Format: int64
             * @description 0 for no target
             */
            targetDays: number;
            /**
             * Format: int64
             * @description Exposures that ended within the days because nobody watches any more what ran: an integration was deleted or came to mean something else, or an image was taken out. They are not among the remediated
             */
            unwatched: number;
        };
        ExposureReport: {
            /** Format: date-time */
            asOf: string;
            /** @description The worst severity first */
            bySeverity: components["schemas"]["ExposureFigures"][];
            /** @description The oldest first, in UTC; the last is that of asOf */
            days: components["schemas"]["ExposureDay"][];
            environment: string;
        };
        FactChange: {
            /** @description The same */
            after?: string;
            /** @description Absent if there was none, and of a variable, whose value is not told */
            before?: string;
            /** @enum {string} */
            change: "added" | "removed" | "changed";
            /** @enum {string} */
            fact: "digest" | "platform" | "distribution" | "size" | "base" | "user" | "entrypoint" | "command" | "workingDir" | "port" | "label" | "env";
            /** @description Of a label, a variable or a port */
            name?: string;
        };
        FailingIntegration: {
            environment: string;
            name: string;
            reason: string;
            /** Format: date-time */
            since: string;
            /** @enum {string} */
            state: "degraded" | "failing";
        };
        Failure: {
            /** @enum {string} */
            kind: "internal" | "invalid" | "not found" | "unauthorized" | "forbidden" | "rate limited" | "unavailable" | "too large" | "corrupt" | "unsupported";
            reason: string;
        };
        FeedName: {
            /** @description Of OSV, which needs one */
            ecosystem?: string;
            /** @enum {string} */
            feed: "osv" | "kev" | "epss";
        };
        Feeding: {
            cluster: string;
            environment: string;
            integration: string;
        };
        File: {
            /** @description For messages */
            name: string;
            text: string;
        };
        FileOwner: {
            /** @description Whether the image has a file there, or a link */
            exists: boolean;
            /** @description Whether its content came in a layer above that of its owner, so that it may be another file */
            later: boolean;
            /** @description Diff ID of the layer whose content it is */
            layer?: string;
            /** @description The packages it is of: one of the distribution, or those of languages that it names or lies in; empty if none is known */
            owners: components["schemas"]["PackageOwner"][];
            /** @description As asked for */
            path: string;
        };
        FileOwnersRequest: {
            /** @description Paths in the image; symbolic links are not followed, but for top folders that are links into usr */
            paths: string[];
        };
        Finding: {
            aliases: string[];
            cvss: components["schemas"]["CVSS"] | null;
            epss: components["schemas"]["EPSS"] | null;
            /** @description Why it was found; only if that was asked for */
            explanation?: components["schemas"]["Explanation"];
            /**
             * @description How far it is to the fixed version: another build in the same release of a distribution, on the installed release train, or to another minor or major version
             * @enum {string}
             */
            fixStep?: "package" | "patch" | "minor" | "major";
            /** @description Lowest version that clears it; null if none is known */
            fixedVersion: string | null;
            /** @description The CVE where one is known, else the advisory's ID */
            id: string;
            /** @enum {string} */
            inUse: "in-use" | "not-seen" | "not-observed";
            kev: components["schemas"]["KEV"] | null;
            package: components["schemas"]["FindingPackage"];
            /** @description The advisory that the score is borrowed from, and the severity where the own source gives none */
            scoreFrom?: string;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /**
             * @description Why the distribution does not mend it in this release, in Debian's words
             * @enum {string}
             */
            state?: "unimportant" | "no-dsa" | "postponed" | "ignored" | "end-of-life";
            /** @description The decision that suppresses it; absent if it counts */
            suppressed?: components["schemas"]["Suppression"];
        };
        FindingChange: {
            /** @enum {string} */
            change: "new" | "fixed" | "unchanged";
            /** @description As it is after or, if it is fixed, as it was; in use if either side saw its package in use */
            finding: components["schemas"]["Finding"];
            /** @description What of an unchanged one was otherwise */
            was?: components["schemas"]["FindingWas"];
            /** @description It is new, or more severe than it was */
            worse: boolean;
        };
        FindingCounts: {
            fixed: components["schemas"]["Summary"];
            /** @description The same of fixed */
            fixedInUse: components["schemas"]["Summary"];
            new: components["schemas"]["Summary"];
            /** @description The part of new in packages seen in use where they run */
            newInUse: components["schemas"]["Summary"];
        };
        FindingEvent: {
            /** @description The source that decided */
            advisory: string;
            /** Format: date-time */
            at: string;
            /**
             * @description rule changed: another version of the program matches otherwise
             * @enum {string}
             */
            cause: "package new" | "advisory published" | "advisory changed" | "advisory withdrawn" | "rule changed";
            /** @enum {string} */
            change: "found" | "gone";
            /** @description In which one of them runs now */
            environments: string[];
            /** @description Lowest version that clears it; null if none is known */
            fixedVersion: string | null;
            /** @description The CVE where known */
            id: string;
            /**
             * Format: int64
             * @description That have this version of the package now
             */
            images: number;
            package: components["schemas"]["FindingPackage"];
            /**
             * @description As it was last
             * @enum {string}
             */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /**
             * @description Why the distribution does not mend it in this release, in Debian's words
             * @enum {string}
             */
            state?: "unimportant" | "no-dsa" | "postponed" | "ignored" | "end-of-life";
            summary: string;
        };
        FindingPackage: {
            name: string;
            purl: string;
            /** @description Source package; empty where it is the same */
            source: string;
            type: string;
            version: string;
        };
        FindingWas: {
            package: components["schemas"]["FindingPackage"];
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
        };
        Gap: {
            /** @enum {string} */
            code: "unknown-image" | "unnamed-image" | "asked" | "asked-in-vain" | "name-moved" | "waits" | "analysis-fails" | "removed";
            /** @description Why that waits, or what failed, in the words of whoever could not go on; of an image without a name, the integration that may lack an API token */
            detail?: string;
            imageId: string;
            name?: string;
            /** @description In a sentence; code and what follows say the same to programs */
            reason: string;
            /** @description That was asked for because the image runs */
            reference?: string;
            /** @description What makes it be analysed; absent where its name is not known */
            remedy?: components["schemas"]["Remedy"];
            /**
             * Format: date-time
             * @description When its content was removed by retention
             */
            removed?: string;
            /** @description The name is what Sysdig reports; no image of the organisation's own has it */
            reported?: boolean;
            /** @enum {string} */
            state: "not-analysed" | "failed" | "unresolved";
            /** @description Of unknown registries */
            warnings: components["schemas"]["Warning"][];
            workloads: components["schemas"]["Workload"][];
        };
        HeldPackage: {
            /** @description Lowest version that clears the vulnerability asked for */
            fixedVersion?: string;
            /** @description By environment in which the image runs: in-use, not-seen or not-observed */
            inUse: {
                [key: string]: string;
            };
            /** @description As the files of this image say; empty where they say nothing */
            licences: string[];
            locations: components["schemas"]["Location"][];
            package: components["schemas"]["FindingPackage"];
            /**
             * @description Of the vulnerability asked for
             * @enum {string}
             */
            severity?: "critical" | "high" | "medium" | "low" | "unspecified";
            /** @description The decision that suppresses the vulnerability asked for */
            suppressed?: components["schemas"]["Suppression"];
        };
        Holder: {
            /** @description The attested bill of materials that the packages are from, if the command line was asked to let it stand in for an analysis; never there from a server */
            attested?: string;
            /** @description The image it is built on; absent in lists and where it is not known */
            base?: components["schemas"]["Base"];
            /** @description How it wants to run; absent in lists */
            config?: components["schemas"]["ImageConfig"];
            /** @description Digest of the platform manifest */
            digest: string;
            distribution: string;
            /** @description Until when its distribution's release is fixed; absent if that is not known */
            endOfLife?: components["schemas"]["EndOfLife"];
            environments: string[];
            /** @description The packages asked for, in this image */
            holds: components["schemas"]["HeldPackage"][];
            /** @description Digest of the configuration */
            imageId: string;
            /** @description In lists of one environment, the part of the summary in packages seen loaded there; missing where run time watches none of them */
            inUse?: components["schemas"]["Summary"];
            /** @description Lowest first; absent in lists */
            layers?: components["schemas"]["Layer"][];
            /**
             * Format: int64
             * @description How many findings the command line left out of the summary because the distribution takes them as minor; never there from a server
             */
            minorHidden?: number;
            /** @description Packages for which no whole set of advisories is held; absent in lists */
            missingAdvisories?: components["schemas"]["MissingAdvisories"][];
            name: string;
            /** Format: int64 */
            packages: number;
            platform: string;
            /**
             * Format: int64
             * @description Parts of the image that could not be analysed: what is in them is not among the packages
             */
            problemCount: number;
            /** @description Which parts, and why; absent in lists */
            problems?: components["schemas"]["Problem"][];
            /** @description Why the analysis failed */
            reason?: string;
            /** Format: date-time */
            recorded: string;
            /**
             * Format: date-time
             * @description When retention removed the content
             */
            removed?: string;
            /**
             * Format: int64
             * @description Compressed bytes of all layers
             */
            size: number;
            /**
             * @description Removed is what retention took the content of, until it is analysed again
             * @enum {string}
             */
            state: "found" | "analysed" | "failed" | "removed";
            summary: components["schemas"]["Summary"];
            /** @description What decisions leave out of the summary */
            suppressed: components["schemas"]["Summary"];
            /** @description What is to know of it because it runs; absent in lists, and if there is nothing */
            warnings?: components["schemas"]["Warning"][];
        };
        Hook: {
            /** @description Shown this once; send it as Authorization: Bearer SECRET, or as X-Crowsnest-Hook */
            secret: string;
            /** @description Where to call it; by the way this request came if the server was not told its public address */
            url: string;
        };
        Image: {
            /** @description The attested bill of materials that the packages are from, if the command line was asked to let it stand in for an analysis; never there from a server */
            attested?: string;
            /** @description The image it is built on; absent in lists and where it is not known */
            base?: components["schemas"]["Base"];
            /** @description How it wants to run; absent in lists */
            config?: components["schemas"]["ImageConfig"];
            /** @description Digest of the platform manifest */
            digest: string;
            distribution: string;
            /** @description Until when its distribution's release is fixed; absent if that is not known */
            endOfLife?: components["schemas"]["EndOfLife"];
            environments: string[];
            /** @description Digest of the configuration */
            imageId: string;
            /** @description In lists of one environment, the part of the summary in packages seen loaded there; missing where run time watches none of them */
            inUse?: components["schemas"]["Summary"];
            /** @description Lowest first; absent in lists */
            layers?: components["schemas"]["Layer"][];
            /**
             * Format: int64
             * @description How many findings the command line left out of the summary because the distribution takes them as minor; never there from a server
             */
            minorHidden?: number;
            /** @description Packages for which no whole set of advisories is held; absent in lists */
            missingAdvisories?: components["schemas"]["MissingAdvisories"][];
            name: string;
            /** Format: int64 */
            packages: number;
            platform: string;
            /**
             * Format: int64
             * @description Parts of the image that could not be analysed: what is in them is not among the packages
             */
            problemCount: number;
            /** @description Which parts, and why; absent in lists */
            problems?: components["schemas"]["Problem"][];
            /** @description Why the analysis failed */
            reason?: string;
            /** Format: date-time */
            recorded: string;
            /**
             * Format: date-time
             * @description When retention removed the content
             */
            removed?: string;
            /**
             * Format: int64
             * @description Compressed bytes of all layers
             */
            size: number;
            /**
             * @description Removed is what retention took the content of, until it is analysed again
             * @enum {string}
             */
            state: "found" | "analysed" | "failed" | "removed";
            summary: components["schemas"]["Summary"];
            /** @description What decisions leave out of the summary */
            suppressed: components["schemas"]["Summary"];
            /** @description What is to know of it because it runs; absent in lists, and if there is nothing */
            warnings?: components["schemas"]["Warning"][];
        };
        ImageConfig: {
            command?: string[];
            /** Format: date-time */
            created?: string;
            entrypoint?: string[];
            /** @description A value that may be a secret is hidden; it is not kept anywhere */
            env?: components["schemas"]["Variable"][];
            labels?: {
                [key: string]: string;
            };
            /** @description Such as 80/tcp */
            ports?: string[];
            /** @description Empty is root */
            user: string;
            workingDir?: string;
        };
        ImageDecision: {
            approvedBy?: string;
            author?: string;
            /**
             * @description Who decides: an exception of the organisation, a VEX document, or a file beside the source
             * @enum {string}
             */
            by: "exception" | "vex" | "file";
            /**
             * Format: int64
             * @description Of the image that it is about
             */
            findings: number;
            /** @description Of the exception or the VEX document, or the place in the file */
            id: string;
            /** @description In the words of OpenVEX */
            justification?: string;
            /** @description Names of the image that it is about */
            names: string[];
            scope: components["schemas"]["DecisionScope"];
            /** Format: date-time */
            since?: string;
            /**
             * Format: int64
             * @description How many of these are suppressed, by whatever decision
             */
            suppressed: number;
            text?: string;
            /** @enum {string} */
            type: "accepted-risk" | "false-positive" | "not-affected" | "fixed";
            /** @description Names of the image that it is not about: while there is one for which nothing is decided, the findings count */
            undecided: string[];
            /**
             * Format: date-time
             * @description When it ends by itself; absent if never
             */
            until?: string;
            vulnerability: string;
        };
        ImageHit: {
            digest: string;
            name: string;
            /** @enum {string} */
            state: "found" | "analysed" | "failed";
        };
        ImageKey: {
            /** @description Any digest of the image: manifest, configuration or index. One of which nothing is known is taken as well */
            digest?: string;
            /** @description os/architecture[/variant], where several images are meant; default any, linux/amd64 before others */
            platform?: string;
            /** @description registry/repository:tag or @digest; by tag, it means what that names now among the images known */
            reference?: string;
        };
        ImageName: {
            digest?: string;
            name: string;
        };
        ImagePolicies: {
            environment?: string;
            image: components["schemas"]["Target"];
            /**
             * Format: int64
             * @description How many policies are met
             */
            met: number;
            /** Format: int64 */
            noData: number;
            /** Format: int64 */
            notMet: number;
            /** @description In the order in which they were made */
            policies: components["schemas"]["ImagePolicy"][];
            /** @description Absent if no policy counts */
            score?: components["schemas"]["PolicyScore"];
        };
        ImagePolicy: {
            /** @enum {string} */
            cause?: "image" | "outside";
            /** @description What is said is of the image there; absent where it is of the image by itself */
            environment?: string;
            name: string;
            reason: string;
            /** @description The sentences of the reason; absent of a policy in Rego */
            says?: components["schemas"]["Saying"][];
            /**
             * Format: date-time
             * @description Since when it has been so; absent if that is not kept yet
             */
            since?: string;
            /** @enum {string} */
            status: "compliant" | "non-compliant" | "no-data";
            type: string;
            /** Format: int64 */
            violationCount: number;
            /** @description The worst first, 1,000 at most */
            violations: components["schemas"]["Violation"][];
            /** Format: int64 */
            weight: number;
            /** @description What a policy in Rego says of itself; absent of others */
            written?: components["schemas"]["Written"];
        };
        ImageUse: {
            /** @description By package URL, over all the places: in-use, not-seen or not-observed */
            packages: {
                [key: string]: string;
            };
            /** @description Each environment in which the image runs */
            places: components["schemas"]["PlaceUse"][];
        };
        Impact: {
            /** @description Absent for a deletion, and for another cluster */
            enters?: components["schemas"]["ImpactOn"];
            /** @description Of another cluster, the environment that what runs there will enter with its first sweep; before that it is not known */
            fed?: string;
            leaves: components["schemas"]["ImpactOn"];
        };
        ImpactImage: {
            digest: string;
            name: string;
        };
        ImpactOn: {
            environment: string;
            /**
             * Format: int64
             * @description Analysed images that leave or enter: those that no other integration runs there
             */
            images: number;
            /** @description The first 100 of the images, by name */
            listed: components["schemas"]["ImpactImage"][];
            /**
             * Format: int64
             * @description The same of what is not analysed
             */
            notAnalysed: number;
            /**
             * Format: int64
             * @description Running containers that leave or enter
             */
            occurrences: number;
            /**
             * Format: int64
             * @description Analysed images that run there afterwards; an environment without any is left out of lists
             */
            remaining: number;
        };
        "Import-advisoriesRequest": {
            /** @description Only these; all if absent */
            ecosystems?: string[];
            /** Format: uri */
            url: string;
        };
        Integration: {
            /** @description Whether what runs there and is not analysed is analysed by itself, where a connected registry has it */
            analyse: boolean;
            /** @description Whether it has a second token, for the names of images */
            apiAccess: boolean;
            /** @description Authorities that are trusted for this integration beside the system's */
            ca?: components["schemas"]["Certificate"][];
            cluster: string;
            coverage: components["schemas"]["Coverage"];
            environment: string;
            /** Format: date-time */
            failingSince?: string;
            /** @description What may be wrong although nothing failed */
            hint?: string;
            /** @description Whether its webhook has a secret */
            hook: boolean;
            /** @description Between sweeps, such as 5m0s */
            interval: string;
            kind: string;
            /** Format: date-time */
            lastAttempt?: string;
            /**
             * Format: date-time
             * @description The age of what is shown
             */
            lastCompleteSweep?: string;
            /**
             * Format: date-time
             * @description End of the newest sweep that ended, complete or not
             */
            lastEnd?: string;
            name: string;
            /** Format: date-time */
            nextSweep: string;
            /**
             * Format: int64
             * @description Containers that run now
             */
            occurrences: number;
            /** @description Why the newest sweep was not complete */
            reason?: string;
            region: string;
            /**
             * Format: int64
             * @description Of the newest sweep
             */
            requests: number;
            /**
             * Format: date-time
             * @description Since when it is in this state
             */
            since?: string;
            /** @enum {string} */
            state: "pending" | "connected" | "degraded" | "failing" | "paused";
            url?: string;
            /**
             * Format: date-time
             * @description Until when Sysdig asked for the last time not to be asked; it may be over
             */
            waitsUntil?: string;
        };
        IntegrationChange: {
            /** @description Take another cluster although Sysdig tells of no container there */
            allowEmpty?: boolean;
            /** @description Whether what runs there and is not analysed is analysed by itself, where a connected registry has it */
            analyse?: boolean;
            /** @description Token of an API user; empty removes it */
            apiToken?: string;
            /** @description Certificates of authorities in PEM form, trusted for this integration beside the system's; only with region custom; needs the token too; empty removes them */
            ca?: string;
            /** @description What ran in the one before is closed */
            cluster?: string;
            /** @description What runs moves there now; what ran stays in the history of the one before */
            environment?: string;
            /** @description Between sweeps, such as 5m */
            interval?: string;
            /** @description No sweeps while true; what was seen last stands */
            paused?: boolean;
            /** @description Needs the token too: a token is never sent to a place it was not given for */
            region?: string;
            /** @description Risk Spotlight token; stored encrypted, never returned */
            token?: string;
            /** @description Only with region custom; needs the token too */
            url?: string;
        };
        IntegrationRequest: {
            /** @description Connect it although Sysdig tells of no container there; without, that is refused */
            allowEmpty?: boolean;
            /** @description Analyse what runs there and is not analysed by itself, where a connected registry has it */
            analyse?: boolean;
            /** @description Token of an API user, for the names of images where the Risk Spotlight token does not open them; stored encrypted, never returned */
            apiToken?: string;
            /** @description Certificates of authorities in PEM form, trusted for this integration beside the system's; only with region custom */
            ca?: string;
            cluster: string;
            environment: string;
            /** @description Between sweeps; default as the server is configured */
            interval?: string;
            /** @enum {string} */
            kind: "sysdig";
            /** @description Display name, unique in the organisation */
            name: string;
            region: string;
            /** @description Risk Spotlight token; stored encrypted, never returned */
            token: string;
            /** @description Only with region custom */
            url?: string;
        };
        Invitation: {
            /** Format: date-time */
            created: string;
            createdBy: string;
            /** @description Empty where whoever has the link may say */
            email: string;
            /** Format: date-time */
            expires: string;
            id: string;
            /** @enum {string} */
            role: "member" | "editor" | "owner";
            /** @description The one-time link; only in the answer that makes it */
            url?: string;
        };
        InvitationRequest: {
            email: string;
            /** @enum {string} */
            role: "member" | "editor" | "owner";
        };
        KEV: {
            /** @description What CISA requires to be done */
            action: string;
            /**
             * Format: date
             * @description The day it was listed
             */
            added: string;
            /**
             * Format: date
             * @description The day by which US agencies must have dealt with it
             */
            due?: string;
            name: string;
            product: string;
            /** @description Known from campaigns of ransomware */
            ransomware: boolean;
            vendor: string;
        };
        KnownRegistries: {
            /** @description Registries, which stand for all that is in them, such as registry.example.com, or repositories, such as ghcr.io/acme/*; * stands for any characters. At most 255 bytes each. Names are written in full: nginx is docker.io/library/nginx. Empty for no list, and no warnings */
            registries: string[];
        };
        KnownRepository: {
            /**
             * Format: int64
             * @description That a tag of it names or named, or that were asked for by it
             */
            images: number;
            /** @description As images are named, without a tag */
            name: string;
            /**
             * Format: int64
             * @description Of these, run somewhere now
             */
            running: number;
            /**
             * Format: int64
             * @description That name something now
             */
            tags: number;
            /** @description As a connected registry has it; absent if none does */
            watched?: components["schemas"]["Repository"];
        };
        Lane: {
            /**
             * Format: int64
             * @description Tags that will be queued when the registry has said what they name
             */
            coming: number;
            /**
             * @description In the order in which they go
             * @enum {string}
             */
            lane: "people" | "push" | "backfill";
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            running: number;
        };
        Layer: {
            /**
             * Format: int64
             * @description Packages that are there with it and not without; absent if not counted
             */
            added?: number;
            /** @description It is one of the base image's, as far as that is known */
            base: boolean;
            /** @description The history line, without what may be a secret */
            command?: string;
            /** @description Digest of the uncompressed layer, which locations of packages refer to */
            diffId: string;
            /**
             * Format: int64
             * @description Packages that it takes away; absent if not counted
             */
            removed?: number;
            /**
             * Format: int64
             * @description Compressed bytes
             */
            size: number;
        };
        Link: {
            /** @description Whom it is for; empty where the person says */
            email: string;
            /** Format: date-time */
            expires: string;
            /** @enum {string} */
            kind: "first-owner" | "invitation" | "password-reset" | "sign-in";
            /** @description Somebody with this address is known: the password asked for is that account's */
            known: boolean;
            /** @description What is to be sent with it. Who is signed in with the address needs nothing */
            needs: ("email" | "name" | "password")[];
            organisation: string;
            /**
             * @description What the person becomes
             * @enum {string}
             */
            role?: "member" | "editor" | "owner";
        };
        LinkRedemption: {
            email?: string;
            name?: string;
            /** @description 12 to 256 characters if it is a new one */
            password?: string;
            secret: string;
        };
        LinkSecret: {
            secret: string;
        };
        ListedVersion: {
            ecosystem: string;
            environments: string[];
            /** Format: int64 */
            images: number;
            purl: string;
            /** @description Source package; empty where it is the same */
            source: string;
            version: string;
            /** @description Worst first */
            vulnerabilities: components["schemas"]["PackageVulnerability"][];
        };
        Location: {
            layer?: string;
            ownedBy?: components["schemas"]["PackageOwner"];
            path: string;
        };
        Missing: {
            /** @description unresolved, waiting, or the sort of failure: too large, unauthorized, corrupt, unavailable, unsupported … */
            class: string;
            /** Format: int64 */
            images: number;
        };
        MissingAdvisories: {
            /** @description As OSV names it, without a release */
            ecosystem: string;
            /** Format: int64 */
            packages: number;
            /** @description Type in the packages' purls */
            type: string;
        };
        Named: {
            /** Format: int64 */
            count: number;
            /** @description The first thousand */
            ids: string[];
        };
        NamedAdvisories: {
            /** @description By ID; those whose ID it is, and those that have it among their aliases or carry it over. Twenty at most */
            advisories: components["schemas"]["Advisory"][];
            epss: components["schemas"]["EPSS"] | null;
            kev: components["schemas"]["KEV"] | null;
            name: string;
            /** @description IDs of more */
            others: string[];
        };
        News: {
            /** @description By cause; the limit holds for their sum */
            findingsOpened: {
                [key: string]: number;
            };
            /** Format: int64 */
            imagesRecorded: number;
            /**
             * Format: int64
             * @description A count that reaches it means this many or more
             */
            limit: number;
            /** Format: int64 */
            occurrencesClosed: number;
            /** Format: int64 */
            occurrencesOpened: number;
            /** Format: date-time */
            since: string;
        };
        Occurrence: {
            /**
             * Format: date-time
             * @description Null while it runs
             */
            closed: string | null;
            cluster: string;
            container: string;
            /** @description Of the image; absent while nothing is known of what was reported */
            digest?: string;
            environment: string;
            /** @description What the image is called, or what Sysdig calls it while nothing else is known of it */
            image?: string;
            /** @description As reported */
            imageId: string;
            /** @description The vulnerabilities of the image by what run time sees of the packages in this one container; what another container loads does not count here. Absent of what runs no more, and of an image that is not analysed */
            inUse?: components["schemas"]["UseSummary"];
            integration: string;
            kind: string;
            name: string;
            namespace: string;
            /** Format: date-time */
            opened: string;
            /** @description Whether that is longer ago than the environment's profileDays: what was not seen is then not observed */
            profileStale?: boolean;
            /**
             * Format: date-time
             * @description When a profile of what it loads was last reported; absent if none was, and of what runs no more
             */
            profiledAt?: string;
        };
        OneTimeLink: {
            email: string;
            /** Format: date-time */
            expires: string;
            /** @description Shown only now */
            url: string;
        };
        Organisation: {
            /** @description The installation's first; its owners look after what all organisations share */
            home: boolean;
            id: string;
            name: string;
            /**
             * @description Absent for a token of the organisation
             * @enum {string}
             */
            role?: "member" | "editor" | "owner";
        };
        OrganisationChoice: {
            id: string;
        };
        OrganisationRequest: {
            /** @description Unique in the installation */
            name: string;
        };
        Overview: {
            advisories: components["schemas"]["AdvisoryAge"][];
            /** @description Distinct running images by what is known of them */
            coverage: components["schemas"]["Coverage"];
            environment?: string;
            /**
             * Format: int64
             * @description Environments in which an analysed image runs
             */
            environments: number;
            /** @description Integrations whose newest sweep was not complete */
            failing: components["schemas"]["FailingIntegration"][];
            /**
             * Format: int64
             * @description All images; of an environment those that run there and are known
             */
            images: number;
            /** @description Findings (package version and vulnerability, each once) by what run time saw of the package in any image */
            inUse: components["schemas"]["UseSummary"];
            /** @description Running images that are not analysed, by the class of the reason */
            missing: components["schemas"]["Missing"][];
            news: components["schemas"]["News"];
            /**
             * Format: date-time
             * @description When it was summed up
             */
            now: string;
            /**
             * Format: date-time
             * @description Oldest last complete sweep; absent while one is missing or there is no integration
             */
            oldestSweep?: string;
            /**
             * Format: int64
             * @description Integrations that are paused
             */
            paused: number;
            /** @description Ten of the fifty with the most critical and high findings, those with most in use first */
            topImages: components["schemas"]["TopImage"][];
            /** @description The ten worst; of high severity and in use before all others */
            topVulnerabilities: components["schemas"]["TopVulnerability"][];
        };
        Package: {
            ecosystem?: string;
            licences?: string[];
            locations?: components["schemas"]["Location"][];
            name: string;
            purl: string;
            source?: string;
            sourceVersion?: string;
            type: string;
            version: string;
        };
        PackageChange: {
            /** @description The version; null if it was removed */
            after: string | null;
            /** @description The version; null if it was added */
            before: string | null;
            /**
             * @description changed: another version, of which nobody can say whether it is newer
             * @enum {string}
             */
            change: "added" | "removed" | "upgraded" | "downgraded" | "changed" | "unchanged";
            name: string;
            /** @description As it is after or, if it was removed, before */
            purl: string;
            type: string;
        };
        PackageCounts: {
            /** Format: int64 */
            added: number;
            /** Format: int64 */
            changed: number;
            /** Format: int64 */
            downgraded: number;
            /** Format: int64 */
            removed: number;
            /** Format: int64 */
            unchanged: number;
            /** Format: int64 */
            upgraded: number;
        };
        PackageDetail: {
            environments: string[];
            /** Format: int64 */
            images: number;
            /** @description In lists of one environment, and of what is in use, the part of the summary in versions seen loaded; missing where run time watches none of them */
            inUse?: components["schemas"]["Summary"];
            /** @description Its versions, in the order of their text; 500 at most, versions counts all */
            list: components["schemas"]["ListedVersion"][];
            name: string;
            /** @description What else is left out of it in an environment that takes as not affected what is not seen loaded */
            notSeen: components["schemas"]["Summary"];
            /** @description Vulnerabilities of its versions, each counted once for each version */
            summary: components["schemas"]["Summary"];
            /** @description What decisions leave out of the summary: suppressed in all images that have it */
            suppressed: components["schemas"]["Summary"];
            type: string;
            /** Format: int64 */
            versions: number;
        };
        PackageHit: {
            name: string;
            type: string;
        };
        PackageOwner: {
            name: string;
            purl: string;
            version: string;
        };
        PackagePage: {
            /** @description Part of the list */
            items: components["schemas"]["PackageSummary"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
            /**
             * Format: int64
             * @description How many other packages the whole list leaves out as not seen: nothing of them counts in the environment, which takes as not affected what is not seen loaded
             */
            notSeenHidden?: number;
            /**
             * Format: int64
             * @description How many packages the whole list leaves out because decisions suppress all that is found of them
             */
            suppressedHidden?: number;
        };
        PackageReason: {
            /** @enum {string} */
            answer: "found" | "suppressed" | "discounted" | "not-affected" | "not-matched" | "not-named";
            /** @description Absent if it is matched with nothing */
            explanation?: components["schemas"]["Explanation"];
            /** @description What was found in it: several if the name is that of a notice with several vulnerabilities */
            findings: components["schemas"]["Finding"][];
            /** @description Packages of the distribution that installed it: its vulnerabilities are theirs to mend; 20 at most */
            ownedBy?: components["schemas"]["PackageOwner"][];
            package: components["schemas"]["FindingPackage"];
        };
        PackageSummary: {
            environments: string[];
            /** Format: int64 */
            images: number;
            /** @description In lists of one environment, and of what is in use, the part of the summary in versions seen loaded; missing where run time watches none of them */
            inUse?: components["schemas"]["Summary"];
            name: string;
            /** @description What else is left out of it in an environment that takes as not affected what is not seen loaded */
            notSeen: components["schemas"]["Summary"];
            /** @description Vulnerabilities of its versions, each counted once for each version */
            summary: components["schemas"]["Summary"];
            /** @description What decisions leave out of the summary: suppressed in all images that have it */
            suppressed: components["schemas"]["Summary"];
            type: string;
            /** Format: int64 */
            versions: number;
        };
        PackageUpdate: {
            /**
             * Format: int64
             * @description Vulnerabilities that it still has as far as is known; 0 if it clears all
             */
            leaves: number;
            package: components["schemas"]["FindingPackage"];
            /**
             * @description How far it is
             * @enum {string}
             */
            step?: "package" | "patch" | "minor" | "major";
            /** @description Of the source package, as fixedVersion is */
            version: string;
        };
        PackageUpgrade: {
            /** @description Which, the worst first; 50 at most */
            cleared: components["schemas"]["ClearedVulnerability"][];
            /** @description Critical and high findings that it clears */
            clears: components["schemas"]["Summary"];
            /** @description Installed version */
            from: string;
            /** @description Whether a layer of the base brought it: another base may have it already */
            inBase: boolean;
            /**
             * @description What run time sees of the packages
             * @enum {string}
             */
            inUse: "in-use" | "not-seen" | "not-observed";
            /** @description PURLs of the installed packages; 20 at most */
            installed: string[];
            /**
             * Format: int64
             * @description Vulnerabilities that the version still has, of whatever severity
             */
            leaves: number;
            /** @description Of the source package, if the package is built from one */
            name: string;
            /**
             * @description How far it is
             * @enum {string}
             */
            step?: "package" | "patch" | "minor" | "major";
            /** @description The lowest version that clears its critical and high findings of which a fix is known */
            to: string;
            type: string;
        };
        PackageVersion: {
            ecosystem?: string;
            name: string;
            purl: string;
            source?: string;
            sourceVersion?: string;
            type: string;
            version: string;
        };
        PackageVulnerability: {
            /** @description Lowest version that clears it; null if none is known */
            fixedVersion: string | null;
            id: string;
            /**
             * Format: double
             * @description CVSS score, 0 without one
             */
            score: number;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
        };
        PageAdvisoryUpdate: {
            /** @description Part of the list */
            items: components["schemas"]["AdvisoryUpdate"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageAnalysis: {
            /** @description Part of the list */
            items: components["schemas"]["Analysis"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageAuditEntry: {
            /** @description Part of the list */
            items: components["schemas"]["AuditEntry"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageBaseImage: {
            /** @description Part of the list */
            items: components["schemas"]["BaseImage"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageException: {
            /** @description Part of the list */
            items: components["schemas"]["Exception"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageExposure: {
            /** @description Part of the list */
            items: components["schemas"]["Exposure"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageFindingEvent: {
            /** @description Part of the list */
            items: components["schemas"]["FindingEvent"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageGap: {
            /** @description Part of the list */
            items: components["schemas"]["Gap"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageHolder: {
            /** @description Part of the list */
            items: components["schemas"]["Holder"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageImage: {
            /** @description Part of the list */
            items: components["schemas"]["Image"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageOccurrence: {
            /** @description Part of the list */
            items: components["schemas"]["Occurrence"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PagePolicyChanged: {
            /** @description Part of the list */
            items: components["schemas"]["PolicyChanged"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PagePolicyImage: {
            /** @description Part of the list */
            items: components["schemas"]["PolicyImage"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageRepository: {
            /** @description Part of the list */
            items: components["schemas"]["Repository"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageRunningImage: {
            /** @description Part of the list */
            items: components["schemas"]["RunningImage"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageTagInterval: {
            /** @description Part of the list */
            items: components["schemas"]["TagInterval"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PageVEXStatement: {
            /** @description Part of the list */
            items: components["schemas"]["VEXStatement"][];
            /** @description Cursor of the next part; absent on the last */
            next?: string;
        };
        PasswordChange: {
            /** @description Needed by those who have one */
            current?: string;
            /** @description 12 to 256 characters */
            new: string;
        };
        Person: {
            email: string;
            id: string;
            /** Format: date-time */
            joined: string;
            /**
             * Format: date-time
             * @description Last signed in, to any organisation
             */
            lastSeen?: string;
            name: string;
            /** @enum {string} */
            role: "member" | "editor" | "owner";
            /** @description The caller */
            you: boolean;
        };
        PersonChange: {
            /** @enum {string} */
            role: "member" | "editor" | "owner";
        };
        PlaceUse: {
            environment: string;
            /** @description By package URL: in-use, not-seen or not-observed */
            packages: {
                [key: string]: string;
            };
        };
        Platform: {
            architecture: string;
            os: string;
            variant?: string;
        };
        Policy: {
            /** Format: date-time */
            changed: string;
            /** Format: date-time */
            created: string;
            description: string;
            enabled: boolean;
            /** @description The environments it holds in, for what runs there; none is wherever an image is */
            environments: string[];
            name: string;
            /** @description All parameters of the type, as an object */
            parameters: unknown;
            /** @description Patterns of the repositories it holds for, with their registry or without; none is all */
            repositories: string[];
            type: string;
            /**
             * Format: int64
             * @description In the score; 0 does not count
             */
            weight: number;
            /** @description What a policy in Rego says of itself; absent of others */
            written?: components["schemas"]["Written"];
        };
        PolicyChange: {
            description?: string;
            enabled?: boolean;
            /** @description All of them; an empty list is wherever an image is */
            environments?: string[];
            name?: string;
            /** @description All of them, as an object; what is not in it has its default */
            parameters?: unknown;
            /** @description All of them; an empty list is every repository */
            repositories?: string[];
            /** Format: int64 */
            weight?: number;
        };
        PolicyChanged: {
            after: components["schemas"]["PolicyOutcome"];
            /** Format: date-time */
            at: string;
            /** @description Absent if nothing was said before */
            before?: components["schemas"]["PolicyOutcome"];
            /** @enum {string} */
            cause: "image" | "outside";
            digest: string;
            environment?: string;
            image: string;
            policy: string;
        };
        PolicyCheck: {
            /** @description An object; what is not in it has its default */
            parameters?: unknown;
            type: string;
        };
        PolicyCount: {
            /** Format: int64 */
            compliant: number;
            /**
             * Format: int64
             * @description That it says something of
             */
            images: number;
            /** Format: int64 */
            noData: number;
            /** Format: int64 */
            nonCompliant: number;
            /**
             * Format: int64
             * @description Over all images
             */
            violations: number;
        };
        PolicyDay: {
            /** Format: int64 */
            compliant: number;
            /** @description UTC; of the last one the count is that of now */
            date: string;
            /**
             * Format: int64
             * @description That it says something of
             */
            images: number;
            /** Format: int64 */
            noData: number;
            /** Format: int64 */
            nonCompliant: number;
            /**
             * Format: int64
             * @description Over all images
             */
            violations: number;
        };
        PolicyImage: {
            /**
             * @description What made it so: the image came or was analysed anew, or something outside of it changed
             * @enum {string}
             */
            cause: "image" | "outside";
            digest: string;
            /** @description What is said is of the image there; absent where it is of the image by itself */
            environment?: string;
            image: string;
            reason: string;
            /** @description The sentences of the reason; absent of a policy in Rego */
            says?: components["schemas"]["Saying"][];
            /**
             * Format: date-time
             * @description Since when it has been so
             */
            since: string;
            /** @enum {string} */
            status: "compliant" | "non-compliant" | "no-data";
            /** Format: int64 */
            violationCount: number;
            /** @description The first of them, the worst first, as of now */
            violations: components["schemas"]["Violation"][];
        };
        PolicyList: {
            /**
             * Format: int64
             * @description Images of the organisation of which something changed that was not looked at yet
             */
            due: number;
            /** @description Whose images are counted; absent for all */
            environment?: string;
            /** @description In the order in which they were made */
            items: components["schemas"]["PolicyRow"][];
            /**
             * Format: date-time
             * @description When the counts before are of
             */
            since?: string;
        };
        PolicyOutcome: {
            /** @enum {string} */
            status: "compliant" | "non-compliant" | "no-data";
            /** Format: int64 */
            violationCount: number;
        };
        PolicyParameter: {
            description: string;
            /** @description Of one text */
            example?: string;
            /**
             * @description severities and texts are lists, source is the text of a policy in Rego, object one of JSON
             * @enum {string}
             */
            kind: "severities" | "flag" | "days" | "texts" | "source" | "object";
            /**
             * Format: int64
             * @description Of days, or in the list
             */
            least: number;
            /**
             * Format: int64
             * @description Bytes of one text, of a source or of an object
             */
            longest?: number;
            /**
             * Format: int64
             * @description The same
             */
            most: number;
            name: string;
        };
        PolicyRequest: {
            description?: string;
            /** @description The default is true */
            enabled?: boolean;
            environments?: string[];
            /** @description Unique in the organisation */
            name: string;
            /** @description An object; what is not in it has its default */
            parameters?: unknown;
            repositories?: string[];
            type: string;
            /**
             * Format: int64
             * @description The default is that of the type
             */
            weight?: number;
        };
        PolicyRow: {
            /** @description The count at the time that was asked for; absent without one */
            before?: components["schemas"]["PolicyCount"];
            /** Format: date-time */
            changed: string;
            count: components["schemas"]["PolicyCount"];
            /** Format: date-time */
            created: string;
            description: string;
            enabled: boolean;
            /** @description The environments it holds in, for what runs there; none is wherever an image is */
            environments: string[];
            name: string;
            /** @description All parameters of the type, as an object */
            parameters: unknown;
            /** @description Patterns of the repositories it holds for, with their registry or without; none is all */
            repositories: string[];
            type: string;
            /**
             * Format: int64
             * @description In the score; 0 does not count
             */
            weight: number;
            /** @description What a policy in Rego says of itself; absent of others */
            written?: components["schemas"]["Written"];
        };
        PolicyScore: {
            /**
             * Format: int64
             * @description Weight of the policies that are met
             */
            got: number;
            /** @enum {string} */
            grade: "A" | "B" | "C" | "D" | "E" | "F";
            /**
             * Format: int64
             * @description Weight of all, those without data included
             */
            of: number;
            /**
             * Format: int64
             * @description Rounded; the grade goes by the exact share
             */
            percent: number;
            /**
             * Format: int64
             * @description How many count
             */
            policies: number;
        };
        PolicyType: {
            description: string;
            /** @description What the parameters mean and what they may be */
            fields: components["schemas"]["PolicyParameter"][];
            id: string;
            /** @description Of the policy of this type that an organisation begins with */
            name: string;
            /** @description All parameters with their defaults, as an object */
            parameters: unknown;
            /** @description It asks how an image runs, and says nothing of one that runs nowhere */
            runtime: boolean;
            /**
             * Format: int64
             * @description In the score, unless a policy says otherwise
             */
            weight: number;
        };
        Problem: {
            layer?: string;
            path?: string;
            reason: string;
        };
        Provenance: {
            /** @description The image it is built on; several where the statement does not tell which of them */
            bases?: components["schemas"]["ImageName"][];
            buildType?: string;
            /** @description Who built it, as an identifier */
            builder?: string;
            /**
             * @description How much BuildKit tells of the build; absent of other builders, and where it was read by a version that did not ask
             * @enum {string}
             */
            mode?: "min" | "max";
            /** @description The source repository */
            repository?: string;
            /** @description The commit */
            revision?: string;
        };
        Pulls: {
            /** Format: date-time */
            asOf: string;
            /** Format: int64 */
            left: number;
            /** Format: int64 */
            limit: number;
            /** @description In which the limit counts, such as 6h0m0s */
            window: string;
        };
        Range: {
            events: components["schemas"]["Event"][];
            type: string;
        };
        RankedBase: {
            /** @description Other tags of the same image; 20 at most */
            also: string[];
            /** @description Findings that the base of now has not */
            brought: components["schemas"]["Summary"];
            /**
             * Format: date-time
             * @description When it was built or, if it does not say, first seen
             */
            built?: string;
            /** @description Findings of the base of now that it has not */
            cleared: components["schemas"]["Summary"];
            /** @description Of the platform manifest */
            digest: string;
            /** @description Parts of it could not be analysed, or compared with advisories */
            incomplete?: boolean;
            /** Format: int64 */
            packages: number;
            /** @description What the tag names, to be written behind it in a Dockerfile */
            pin?: string;
            /** @description What speaks for it first */
            reasons: components["schemas"]["BaseReason"][];
            /** @description Registry, repository and tag; empty of a base that no tag names now */
            reference: string;
            /** @description Of its distribution; empty if that is not known */
            release: string;
            /**
             * Format: int64
             * @description Compressed bytes of all layers
             */
            size: number;
            /** @description Programs with their versions that no package manager brought, such as a runtime; 20 at most */
            software: string[];
            /** @description Findings that count */
            summary: components["schemas"]["Summary"];
            /**
             * Format: date
             * @description The last day on which the makers of the release fix something; absent if that is not known
             */
            supported?: string;
        };
        Receipt: {
            digest: string;
            /** @description In the packages that were delivered */
            findings?: components["schemas"]["CVEs"];
            /** @description Whether an analysis was there that is at least as good: nothing more is needed, and what was delivered beside the name and the tag was not kept */
            known: boolean;
        };
        Recommendations: {
            /** @description What it is built on; absent if that is not known */
            base?: components["schemas"]["RecommendedFrom"];
            /** @description Other bases with fewer vulnerabilities, the best first; 10 at most */
            changes: components["schemas"]["RankedBase"][];
            image: components["schemas"]["Target"];
            /** @description Packages for which no whole set of advisories is held: findings of them are missing */
            missingAdvisories: components["schemas"]["MissingAdvisories"][];
            /** Format: int64 */
            moreChanges?: number;
            /**
             * Format: int64
             * @description Of these, how many name an image that is not analysed for the platform, so that nothing is known of it
             */
            notAnalysed: number;
            /** @description Parts of the image that could not be analysed: findings in them are not known */
            problems: components["schemas"]["Problem"][];
            /** @description Whether the tag of the base names another image now */
            refresh: components["schemas"]["Refresh"];
            /**
             * Format: int64
             * @description Tags of the repository of the base that are known here; 2000 at most
             */
            tags: number;
            /** @description The smallest set of upgrades that clears all critical and high vulnerabilities of which a fix is known */
            upgrades: components["schemas"]["Upgrades"];
        };
        RecommendedFrom: {
            /**
             * @description How it is known: an attestation of the build names it, the image says so, or it begins with all layers of that image
             * @enum {string}
             */
            by: "provenance" | "label" | "layers";
            /** @description As the attestation or the label says, or of the platform manifest */
            digest?: string;
            /** @description The base itself; absent if it is not analysed here, and then nobody knows what is better */
            known?: components["schemas"]["BaseOption"];
            /**
             * Format: int64
             * @description How many of the lowest layers are its; 0 if it is not known here
             */
            layers: number;
            /** @description As the attestation or the label says, or a tag of the image */
            name?: string;
            /** @description Registry, repository and tag that it is taken to be built from; absent if no tag is known */
            reference?: string;
        };
        RecordedPackage: {
            /** @description 5 at most */
            advisories: string[];
            /** @description Without a release */
            ecosystem: string;
            name: string;
        };
        Refresh: {
            /** @description What the tag names now */
            names?: string;
            /**
             * Format: date-time
             * @description Since when, as far as was seen
             */
            since?: string;
            /** @enum {string} */
            state: "no-base" | "no-tag" | "unknown-tag" | "no-digest" | "up-to-date" | "not-analysed" | "newer";
            /** @description What the tag names now; present if it is another image than the base, and analysed */
            to?: components["schemas"]["RankedBase"];
        };
        Region: {
            host?: string;
            name: string;
            place: string;
        };
        RegistryCheck: {
            /**
             * Format: int64
             * @description Length of the organisation's list. While it is 0 nothing is compared, and the rest is 0
             */
            known: number;
            /**
             * Format: int64
             * @description Distinct running images, analysed or not
             */
            running: number;
            /**
             * Format: int64
             * @description Of these, run under a name that fits nothing on the list
             */
            unknown: number;
            /**
             * Format: int64
             * @description Of these, no name in a registry is known, and nothing can be compared
             */
            unnamed: number;
        };
        RegistryConnection: {
            /** @description Address of its own API, where that is not the usual one */
            api?: string;
            /** @description Certificates in PEM form that are trusted for this registry alone */
            ca?: string;
            exclude?: string[];
            /** @description Address, such as registry.example.com:5000; absent where all of the kind have the same */
            host?: string;
            /** @description In place of a user and a password, where the kind can: as who the server is in its cloud */
            identity?: boolean;
            /** @description Only those of a list that fit one of these, such as team/*; * stands for any characters */
            include?: string[];
            /** @description One of the kinds of GET /registry-kinds */
            kind: string;
            /** @description Whose repositories are listed, where the kind asks for it */
            namespace?: string;
            /** @description Given ones, without the registry; absent to have them listed */
            repositories?: string[];
            /** @description Password or token; stored encrypted, never returned */
            secret?: string;
            username?: string;
        };
        RegistryImpact: {
            /**
             * Format: int64
             * @description Of which enabled
             */
            enabled: number;
            /**
             * Format: int64
             * @description Analysed ones that its repositories have or had; they stay
             */
            images: number;
            /**
             * Format: int64
             * @description Known ones, which are forgotten
             */
            repositories: number;
            /**
             * Format: int64
             * @description Analyses that wait for their turn, and are taken back
             */
            waiting: number;
        };
        RegistryIntegration: {
            /** @description Address of its own API, where that is another */
            api?: string;
            /** @description Authorities that are trusted for it beside the system's */
            ca?: components["schemas"]["Certificate"][];
            /** @description Whether it has a password or token */
            credentials: boolean;
            /** @description Repositories that fit one of these are enabled as they appear */
            enable: string[];
            /**
             * Format: int64
             * @description Of which enabled
             */
            enabled: number;
            exclude: string[];
            /**
             * Format: int64
             * @description Repositories that are there
             */
            found: number;
            /** @description Whether its webhook has a secret */
            hook: boolean;
            /** @description As images are named */
            host: string;
            /** @description Whether the server signs in as who it is in its cloud */
            identity: boolean;
            /** @description Only those of a list that fit one of these; empty for all */
            include: string[];
            /** @description Between two readings of the tags of a repository, such as 5m0s */
            interval: string;
            kind: string;
            /**
             * Format: date-time
             * @description When the last look at it began
             */
            lastLook?: string;
            /**
             * Format: date-time
             * @description When its repositories were last listed to the end
             */
            listed?: string;
            name: string;
            /** @description Whose repositories are listed */
            namespace?: string;
            /**
             * Format: date-time
             * @description When its repositories are to be listed again; absent while it is paused
             */
            nextListing?: string;
            /**
             * Format: date-time
             * @description When the next look is due, for new tags for example; absent while it is paused
             */
            nextLook?: string;
            /** @description Absent where it says nothing of a limit */
            pulls?: components["schemas"]["Pulls"];
            /** @description Why it failed */
            reason?: string;
            /** @description Those that are given; empty where they are listed */
            repositories: string[];
            /**
             * Format: date-time
             * @description Since when it is in this state
             */
            since?: string;
            /**
             * @description Pending until its repositories were listed for the first time; of a paused one nothing is asked
             * @enum {string}
             */
            state: "pending" | "connected" | "failed" | "paused";
            username?: string;
            /**
             * Format: date-time
             * @description Nothing is asked of it before; it may be over
             */
            waitsUntil?: string;
        };
        RegistryIntegrationChange: {
            /** @description Needs the secret too: one is never sent to a place it was not given for */
            api?: string;
            /** @description Needs the secret too; empty removes them */
            ca?: string;
            enable?: string[];
            exclude?: string[];
            /** @description True takes the place of a user and a password */
            identity?: boolean;
            include?: string[];
            interval?: string;
            namespace?: string;
            /** @description Of a paused one nothing is asked; what waits stays. With nothing else it is not asked before */
            paused?: boolean;
            /** @description Empty to have them listed */
            repositories?: string[];
            /** @description Password or token; stored encrypted, never returned */
            secret?: string;
            /** @description Empty, with an empty secret, for no sign-in */
            username?: string;
        };
        RegistryIntegrationRequest: {
            /** @description Address of its own API, where that is not the usual one */
            api?: string;
            /** @description Certificates in PEM form that are trusted for this registry alone */
            ca?: string;
            /** @description Repositories that fit one of these are enabled as they appear */
            enable?: string[];
            exclude?: string[];
            /** @description Address, such as registry.example.com:5000; absent where all of the kind have the same */
            host?: string;
            /** @description In place of a user and a password, where the kind can: as who the server is in its cloud */
            identity?: boolean;
            /** @description Only those of a list that fit one of these, such as team/*; * stands for any characters */
            include?: string[];
            /** @description Between two readings of the tags of a repository; default 5m */
            interval?: string;
            /** @description One of the kinds of GET /registry-kinds */
            kind: string;
            /** @description Display name, unique in the organisation */
            name: string;
            /** @description Whose repositories are listed, where the kind asks for it */
            namespace?: string;
            /** @description Given ones, without the registry; absent to have them listed */
            repositories?: string[];
            /** @description Password or token; stored encrypted, never returned */
            secret?: string;
            username?: string;
        };
        RegistryKind: {
            /** @description Address of its own API, unless another one is given */
            api?: string;
            /** @description Of an address, where each has its own */
            example?: string;
            /** @description Where to enter the address of the webhook, and its secret */
            hook: string;
            /** @description Its address, where all have the same */
            host?: string;
            /** @description Whether the server can sign in as who it is in its cloud, if its operator lets it */
            identity: boolean;
            /**
             * @description How its repositories are listed
             * @enum {string}
             */
            listing: "catalog" | "api";
            name: string;
            /** @description What the namespace is whose repositories are listed; absent where none is needed */
            namespace?: string;
            /** @description What to give as the password, and which rights it needs */
            secret: string;
            title: string;
            /** @description What to give as the user */
            username: string;
        };
        RegistryTrial: {
            /** @description As images are named */
            host: string;
            /** @description Whether there are others */
            more: boolean;
            /** @description The first of those that are found */
            repositories: string[];
        };
        RemainingFinding: {
            id: string;
            inBase: boolean;
            name: string;
            /** @description PURL */
            package: string;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            version: string;
            /**
             * @description No fix is known; or every version that is known to fix it has another one that is as bad, or clears not all
             * @enum {string}
             */
            why: "no-fix" | "not-cleared";
        };
        Remedy: {
            /** @enum {string} */
            action: "connect-registry" | "enable-repository" | "replace-credentials" | "resume-registry" | "wait" | "request-analysis";
            /** @description That does it; absent where there is nothing to do but wait */
            command?: string;
            /** @description Of the registry, as images are named */
            host: string;
            /** @description Why the registry or the repository cannot be read */
            reason?: string;
            /** @description Name of the connected registry */
            registry?: string;
            /** @description Within the registry */
            repository: string;
        };
        Removal: {
            /** Format: int64 */
            analyses: number;
            /** Format: int64 */
            audit: number;
            /**
             * Format: int64
             * @description Of what is counted, as it is stored; indexes come on top
             */
            bytes: number;
            /**
             * Format: int64
             * @description Images whose content is removed; that there were these images, and when they ran, stays
             */
            images: number;
            /**
             * Format: int64
             * @description Results of layers that no organisation needs
             */
            layers: number;
            /**
             * Format: int64
             * @description Packages in layers, with where they lie; a layer that images share counts once
             */
            packages: number;
            /**
             * Format: int64
             * @description Sets of packages that were seen loaded, in nothing that runs any more
             */
            profiles: number;
            /**
             * Format: int64
             * @description Package versions that nothing has any more, with their findings; 0 in a preview
             */
            versions: number;
        };
        ReplaceRequest: {
            /** @description That no images take out all that were recorded; without it an empty list is refused */
            allowEmpty?: boolean;
            images: components["schemas"]["ImageKey"][];
        };
        Repository: {
            /** Format: date-time */
            enabled?: string;
            /**
             * Format: int64
             * @description Of which wait to be filled up
             */
            filling: number;
            /** Format: date-time */
            found: string;
            /** Format: date-time */
            gone?: string;
            /** @description Within the registry */
            name: string;
            /**
             * Format: date-time
             * @description The newest push that was seen or told of
             */
            pushed?: string;
            /**
             * Format: date-time
             * @description When its tags were last read to the end
             */
            read?: string;
            /** @description Why its tags could not be read */
            reason?: string;
            /** @description As images are named, without a tag */
            reference: string;
            /** @description Name of the connected registry */
            registry: string;
            /**
             * @description Gone is one that a complete list has no more
             * @enum {string}
             */
            state: "enabled" | "disabled" | "gone";
            /**
             * Format: int64
             * @description Known ones, while it is enabled
             */
            tags: number;
        };
        RepositoryChange: {
            /** Format: int64 */
            changed: number;
        };
        RepositoryComparison: {
            after: components["schemas"]["RunningVersion"][];
            before: components["schemas"]["RunningVersion"][];
            change: components["schemas"]["FindingCounts"];
            /** @description Whether all of these images are analysed */
            complete: boolean;
            repository: string;
            /**
             * @description newer: the newest image after is newer than the newest before. only-before: nothing of it runs after, so that nothing would become of it
             * @enum {string}
             */
            state: "same" | "newer" | "older" | "different" | "only-before" | "only-after";
        };
        RepositoryCounts: {
            /** Format: int64 */
            different: number;
            /** Format: int64 */
            newer: number;
            /** Format: int64 */
            older: number;
            /** Format: int64 */
            onlyAfter: number;
            /** Format: int64 */
            onlyBefore: number;
            /** Format: int64 */
            same: number;
        };
        RepositoryScope: {
            /** @description All of them, in place of names and patterns */
            all?: boolean;
            /** @description Within the registry */
            names?: string[];
            /** @description Such as team/*; * stands for any characters */
            patterns?: string[];
            /** @description Name of the connected registry */
            registry: string;
        };
        Result: {
            /** Format: int64 */
            changed: number;
            ecosystem: string;
            /**
             * @description CISA's catalogue or FIRST's scores, which are of no ecosystem
             * @enum {string}
             */
            feed?: "kev" | "epss";
            problems?: string[];
            /** Format: int64 */
            records: number;
            /** Format: int64 */
            skipped: number;
            unchanged?: boolean;
        };
        Retention: {
            /**
             * Format: int64
             * @description Days after which requests for analyses are removed that are done or failed; 0 for never
             */
            analyses: number;
            /**
             * Format: int64
             * @description Days after which entries of the audit log are removed; 0 for never
             */
            audit: number;
            /**
             * Format: int64
             * @description Days after which the content of an image is removed that did not run, was not recorded, analysed or looked up in that time, and is not the newest of its repository; 0 for never
             */
            images: number;
        };
        RetentionChange: {
            /** Format: int64 */
            analyses?: number;
            /** Format: int64 */
            audit?: number;
            /** Format: int64 */
            images?: number;
        };
        RetentionPreview: {
            removal: components["schemas"]["Removal"];
            /** @description The ages it would be removed by */
            retention: components["schemas"]["Retention"];
        };
        RetentionRun: {
            /**
             * Format: date-time
             * @description Absent while it is under way, or waits to go on
             */
            finished?: string;
            id: string;
            /** @description So far */
            removed: components["schemas"]["Removal"];
            /** Format: date-time */
            started: string;
            /**
             * Format: date-time
             * @description When it last did something
             */
            updated: string;
        };
        RunningImage: {
            digest: string;
            imageId: string;
            /** @description The vulnerabilities by what run time sees of the packages in this environment; where what is not seen does not count, it is here and not in the summary. All zero of the past */
            inUse: components["schemas"]["UseSummary"];
            name: string;
            /**
             * Format: int64
             * @description Parts of the image that could not be analysed
             */
            problemCount: number;
            /** @description Whether that is longer ago than the environment's profileDays: what was not seen is then not observed */
            profileStale?: boolean;
            /**
             * Format: date-time
             * @description When a profile of what it loads here was last reported; missing if none was, and of the past
             */
            profiledAt?: string;
            summary: components["schemas"]["Summary"];
            /** @description What decisions leave out of the summary here; of the past nothing is left out */
            suppressed: components["schemas"]["Summary"];
            /** @description Whether some of what runs it has no profile, or one from longer ago than profileDays: what was not seen in the others is then not observed */
            unprofiled?: boolean;
            warnings: components["schemas"]["Warning"][];
            /** @description What runs it; what was assigned has the kind assigned, and the reference as its name */
            workloads: components["schemas"]["Workload"][];
        };
        RunningVersion: {
            /**
             * Format: date-time
             * @description By its own word or, if that is none, when it was recorded
             */
            built: string;
            digest: string;
            name: string;
            platform: string;
            /** @enum {string} */
            state: "found" | "analysed" | "failed";
            summary: components["schemas"]["Summary"];
        };
        SBOM: {
            /** @description The image it is built on; absent where it is not known */
            base?: components["schemas"]["Base"];
            /**
             * Format: date-time
             * @description When the image was built, if it says
             */
            created?: string;
            distribution: string;
            image: components["schemas"]["Target"];
            /** @description Lowest first */
            layers: components["schemas"]["Layer"][];
            packages: components["schemas"]["Package"][];
            /** @description Parts of the image that could not be analysed: packages in them are not listed */
            problems: components["schemas"]["Problem"][];
        };
        Saying: {
            /** @description Which sentence it is */
            code: string;
            /** @description What is named in it, by name */
            values?: {
                [key: string]: string;
            };
        };
        SearchResult: {
            environments: string[];
            images: components["schemas"]["ImageHit"][];
            packages: components["schemas"]["PackageHit"][];
            vulnerabilities: components["schemas"]["VulnerabilityHit"][];
            /** @description What runs now */
            workloads: components["schemas"]["WorkloadHit"][];
        };
        Sent: {
            /** @description Take in-use data, and what does not count, from this environment only */
            environment?: string;
            image: components["schemas"]["Target"];
            /** @description Of its configuration: some name the base */
            labels?: {
                [key: string]: string;
            };
            /** @description Their diff IDs, lowest first, by which its base is known */
            layers: string[];
            /** @description With the layer of each place, to tell what the base brought */
            packages: components["schemas"]["Package"][];
            /** @description Leave out what is decided for this name of the image; without it, what is decided for each of its names */
            reference?: string;
            /** @description Tag of the base, where it is another one than is known */
            tag?: string;
        };
        Session: {
            /** @description What the caller's requests are about */
            organisation: components["schemas"]["Organisation"];
            /** @description Those the person can switch to */
            organisations: components["schemas"]["Organisation"][];
            /** @description What the caller may do; each operation names the one it needs as x-permission */
            permissions: ("greet" | "read" | "upload" | "write" | "approve" | "connect" | "manage-people" | "manage-tokens" | "own-tokens" | "account" | "read-audit" | "administer" | "operate" | "metrics")[];
            /** @description Absent for a token of the organisation */
            person?: components["schemas"]["Account"];
            /**
             * @description Absent for a token of the organisation
             * @enum {string}
             */
            role?: "member" | "editor" | "owner";
            /** @description Absent in a browser's session */
            token?: components["schemas"]["SessionToken"];
        };
        SessionToken: {
            /** Format: date-time */
            expires?: string;
            name: string;
            scopes: string[];
        };
        SeverityVector: {
            type: string;
            vector: string;
        };
        Share: {
            /** Format: date-time */
            created: string;
            createdBy: string;
            /** Format: date-time */
            expires: string;
            id: string;
            /** @description The link; only in the answer that makes it */
            url?: string;
            vulnerability: string;
        };
        ShareRequest: {
            /**
             * Format: int64
             * @description Until the link expires
             * @default 30
             * @enum {integer}
             */
            days: 7 | 30 | 90;
            /** @description The CVE or any alias, of one that images of the organisation have */
            vulnerability: string;
        };
        ShareSecret: {
            secret: string;
        };
        SharedPackage: {
            ecosystem: string;
            /**
             * Format: int64
             * @description How many are not listed here
             */
            moreRanges?: number;
            /**
             * Format: int64
             * @description How many are not listed here
             */
            moreVersions?: number;
            name: string;
            /** @description Ten at most */
            ranges: components["schemas"]["Range"][];
            /** @description Listed one by one; twenty at most */
            versions: string[];
        };
        SharedSource: {
            /** @description Of which packages it speaks; 20 at most */
            affected: components["schemas"]["SharedPackage"][];
            id: string;
            /** Format: date-time */
            modified: string;
            /**
             * Format: int64
             * @description How many packages are not listed here
             */
            moreAffected?: number;
            /** Format: date-time */
            published?: string;
            /** @description CVSS vectors as published */
            severity: components["schemas"]["SeverityVector"][];
            summary: string;
            /**
             * Format: date-time
             * @description Null unless withdrawn
             */
            withdrawn: string | null;
            /** @description The source's own word for the severity */
            word?: string;
        };
        SharedVulnerability: {
            /** @description Its other names, those of the advisories among them; a hundred at most */
            aliases: string[];
            cvss: components["schemas"]["CVSS"] | null;
            /**
             * Format: date-time
             * @description When the link ends
             */
            expires: string;
            id: string;
            /**
             * Format: int64
             * @description How many are not listed here, at least
             */
            moreSources?: number;
            /**
             * @description The worst that an advisory says
             * @enum {string}
             */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /** @description The advisories that named it when the link was made, with what they say now; 50 at most */
            sources: components["schemas"]["SharedSource"][];
            summary: string;
        };
        SignIn: {
            email: string;
            password: string;
        };
        SignInProvider: {
            /** @description It answered within the last minute */
            available: boolean;
            /** @description What people call it */
            name: string;
            /** @description Where a browser begins, below the server's own path; next=PATH says where it goes afterwards */
            path: string;
        };
        SignInWays: {
            /** @description With e-mail address and password */
            password: boolean;
            /** @description A provider of identities; absent where there is none */
            provider?: components["schemas"]["SignInProvider"];
        };
        SignedOut: {
            /** @description Where the browser signs out of the provider of identities as well; absent where it need not or cannot */
            providerUrl?: string;
        };
        SparedImage: {
            digest: string;
            image: string;
            names: string[];
        };
        Standing: {
            /** Format: int64 */
            met: number;
            /** Format: int64 */
            noData: number;
            /** Format: int64 */
            notMet: number;
        };
        Statement: {
            /** @description Of the blob it was read from, by which it is asked for; absent where there is only a problem */
            digest?: string;
            /**
             * @description What sort of statement it is, by its predicate type
             * @enum {string}
             */
            kind: "sbom" | "provenance" | "vex" | "other";
            /** @description Of the manifest that carries it */
            manifest?: string;
            /** @description Of the blob */
            mediaType?: string;
            /** @description As the statement says, or, if it could not be read, its manifest */
            predicateType?: string;
            /** @description Why it could not be read, or does not count for this image */
            problem?: string;
            /** @description What a provenance statement tells of the build */
            provenance?: components["schemas"]["Provenance"];
            /**
             * Format: int64
             * @description Bytes of the blob
             */
            size: number;
            /**
             * @description Where it is: in the index of the image, or among what refers to it
             * @enum {string}
             */
            source: "index" | "referrer";
            /** @description The in-toto statement, or the bare document, in base64 */
            statement?: string;
        };
        Storage: {
            /**
             * Format: int64
             * @description Of the database of the whole installation
             */
            bytes: number;
            /** @enum {string} */
            engine: "sqlite" | "postgres";
            /**
             * Format: int64
             * @description Bytes in it that are for use again; 0 on PostgreSQL, which does not say
             */
            free: number;
            kinds: components["schemas"]["StorageUse"][];
            /**
             * Format: date-time
             * @description At most a few minutes ago
             */
            measured: string;
        };
        StorageUse: {
            /**
             * Format: int64
             * @description With indexes
             */
            bytes: number;
            /** @enum {string} */
            kind: "images" | "layers" | "packages" | "findings" | "advisories" | "history" | "jobs" | "audit" | "other";
            /**
             * Format: int64
             * @description Of the main table of the sort; an estimate on PostgreSQL
             */
            rows: number;
        };
        Summary: {
            /** Format: int64 */
            critical: number;
            /** Format: int64 */
            high: number;
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            medium: number;
            /** Format: int64 */
            unspecified: number;
        };
        Suppression: {
            approvedBy?: string;
            author?: string;
            /**
             * @description Who decides: an exception of the organisation, a VEX document, or a file beside the source
             * @enum {string}
             */
            by: "exception" | "vex" | "file";
            /** @description Of the exception or the VEX document, or the place in the file */
            id: string;
            /** @description In the words of OpenVEX */
            justification?: string;
            /** Format: date-time */
            since?: string;
            text?: string;
            /** @enum {string} */
            type: "accepted-risk" | "false-positive" | "not-affected" | "fixed";
            /**
             * Format: date-time
             * @description When it ends by itself; absent if never
             */
            until?: string;
        };
        Tag: {
            name: string;
            /** @description As images are named, without a tag, such as registry.example.com/shop/web */
            repository: string;
            /** @description What it names: an index or a manifest; empty if there is no such tag any more */
            target?: string;
        };
        TagInterval: {
            /** @description Of the target, the image that is furthest with its analysis; absent if none is known */
            image?: string;
            /** @description Why its analysis failed */
            reason?: string;
            /** Format: date-time */
            since: string;
            /**
             * @description Of that image
             * @enum {string}
             */
            state?: "found" | "analysed" | "failed" | "removed";
            tag: string;
            /** @description Of an index or a manifest */
            target: string;
            /**
             * Format: date-time
             * @description Absent while it still does
             */
            until?: string;
        };
        Tags: {
            tags: components["schemas"]["Tag"][];
        };
        Target: {
            /** @description The attested bill of materials that the packages are from, if it was asked to stand in for an analysis */
            attested?: string;
            digest: string;
            imageId: string;
            name: string;
            platform: string;
        };
        Targets: {
            /**
             * Format: int64
             * @description 0 for no target
             */
            critical: number;
            /** Format: int64 */
            high: number;
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            medium: number;
            /** Format: int64 */
            unspecified: number;
        };
        Token: {
            /** Format: date-time */
            created: string;
            createdBy: string;
            /** @description Whose personal token it is */
            email?: string;
            /**
             * Format: date-time
             * @description Absent for never
             */
            expires?: string;
            id: string;
            /** @enum {string} */
            kind: "personal" | "organisation";
            /**
             * Format: date-time
             * @description To the minute; absent for never
             */
            lastUsed?: string;
            name: string;
            scopes: ("read" | "upload" | "write" | "owner" | "metrics")[];
            /** @description The token; only in the answer that makes it */
            secret?: string;
        };
        TokenRequest: {
            /**
             * Format: date-time
             * @description Absent for never
             */
            expires?: string;
            /**
             * @description A personal one ends with its person's membership
             * @enum {string}
             */
            kind: "personal" | "organisation";
            /** @description What it is for */
            name: string;
            scopes: ("read" | "upload" | "write" | "owner" | "metrics")[];
        };
        TopImage: {
            digest: string;
            /** @description The part of the summary in packages seen loaded */
            inUse: components["schemas"]["Summary"];
            name: string;
            summary: components["schemas"]["Summary"];
        };
        TopVulnerability: {
            environments: string[];
            epss: components["schemas"]["EPSS"] | null;
            /** @description A fix is known for at least one package */
            fixable: boolean;
            id: string;
            /** Format: int64 */
            images: number;
            /** @description In a package seen loaded */
            inUse: boolean;
            kev: components["schemas"]["KEV"] | null;
            /**
             * Format: int64
             * @description Distinct package versions
             */
            packages: number;
            /**
             * Format: double
             * @description Highest CVSS score, 0 without one
             */
            score: number;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /** Format: date-time */
            since: string;
            summary: string;
        };
        Trial: {
            environment?: string;
            image: components["schemas"]["Target"];
            /**
             * Format: int64
             * @description How many policies are met
             */
            met: number;
            /** Format: int64 */
            noData: number;
            /** Format: int64 */
            notMet: number;
            /** @description Of the policies in Rego, what else was asked for */
            outcomes: components["schemas"]["TrialOutcome"][];
            /** @description In the order in which they were made */
            policies: components["schemas"]["ImagePolicy"][];
            /** @description Absent if no policy counts */
            score?: components["schemas"]["PolicyScore"];
        };
        TrialOutcome: {
            /** @description By which the policy is configured */
            name: string;
            printed?: string[];
            /** @description An object with pass, violations, bindings and metrics */
            raw?: unknown;
        };
        TrialPolicy: {
            /**
             * Format: int64
             * @description The group of texts that it may import
             */
            libraries?: number;
            /** @description Of a policy in Rego its title, unless something else is said */
            name?: string;
            /** @description An object; what is not in it has its default */
            parameters?: unknown;
            type: string;
            /**
             * Format: int64
             * @description The default is that of the type, or what the policy says
             */
            weight?: number;
        };
        TrialRequest: {
            /** @description What they say of the image there; without one, of the image by itself */
            environment?: string;
            /** @description Texts in Rego that policies import, in groups */
            libraries?: components["schemas"]["File"][][];
            policies: components["schemas"]["TrialPolicy"][];
            /** @description Answer as well what the policies print */
            print?: boolean;
            /** @description Answer as well all that the policies say */
            raw?: boolean;
        };
        Trust: {
            /** Format: date-time */
            created: string;
            createdBy: string;
            /** @description Empty for all */
            environment: string;
            id: string;
            issuer: string;
            /** Format: date-time */
            lastUsed?: string;
            /**
             * Format: int64
             * @description How long a token lasts
             */
            minutes: number;
            name: string;
            /** @description Pattern of full refs; empty for all */
            ref: string;
            repository: string;
            scopes: string[];
        };
        TrustRequest: {
            /** @description The job's environment; empty for all */
            environment?: string;
            /** @description One of the issuers the server takes tokens of */
            issuer: string;
            /**
             * Format: int64
             * @description How long a token lasts
             * @default 30
             */
            minutes: number;
            /** @description Unique in the organisation */
            name: string;
            /** @description A full ref such as refs/heads/main; a * stands for anything but a slash; empty for all */
            ref?: string;
            /** @description One repository as owner/name */
            repository: string;
            scopes: ("read" | "upload" | "write")[];
        };
        Unassigned: {
            /**
             * Format: int64
             * @description Taken out; 0 if nothing of it was assigned
             */
            closed: number;
            environment: string;
        };
        Upgrades: {
            /** @description Building anew on what the tag of the base names now; absent where that clears nothing or is not known. It comes first: the packages are what is left to do after it */
            base?: components["schemas"]["BaseUpgrade"];
            /** @description Of these, what all steps together clear */
            cleared: components["schemas"]["Summary"];
            /** Format: int64 */
            moreRemaining?: number;
            /** @description Those that clear most of critical severity first */
            packages: components["schemas"]["PackageUpgrade"][];
            /** @description Critical and high findings that no step clears, the worst first; 200 at most */
            remaining: components["schemas"]["RemainingFinding"][];
            /**
             * Format: int64
             * @description How many upgrades those are, the base being one
             */
            steps: number;
            /** @description Critical and high findings of the image that count */
            total: components["schemas"]["Summary"];
        };
        UseSummary: {
            "in-use": components["schemas"]["Summary"];
            "not-observed": components["schemas"]["Summary"];
            "not-seen": components["schemas"]["Summary"];
        };
        VEXDocument: {
            /** Format: date-time */
            added: string;
            addedBy?: string;
            author: string;
            /** @description Of its bytes */
            digest: string;
            /** @enum {string} */
            format: "openvex" | "cyclonedx" | "csaf";
            id: string;
            /** @description That its author gave it */
            identifier: string;
            /** @description It was found in the file system of the image, and something is attested of that: then it suppresses nothing */
            ignored?: boolean;
            /** @description That it was attested of or found in, and to which it is bound; absent of what was imported */
            image?: string;
            /** @description Of the file, or of the image that it was attested of */
            name: string;
            /** @description Where in the file system of the image it was found; absent of what was attested or imported */
            path?: string;
            /**
             * Format: int64
             * @description Bytes
             */
            size: number;
            /**
             * Format: date-time
             * @description When, by its own word
             */
            stated?: string;
            /**
             * Format: int64
             * @description How many it has
             */
            statements: number;
            title?: string;
            /** @description Whether its author is; else it suppresses nothing */
            trusted: boolean;
            version?: string;
        };
        VEXStatement: {
            /**
             * @description Whether it suppresses anything now, and if not, what of it does not fit
             * @enum {string}
             */
            fate: "applies" | "not-suppressing" | "author-untrusted" | "image-attested" | "no-finding" | "no-product" | "other-image" | "other-package" | "other-version" | "outside-of-image" | "superseded" | "other-names";
            /**
             * Format: int64
             * @description Of its vulnerability in its products, in each image
             */
            findings: number;
            justification?: string;
            /** Format: int64 */
            moreProducts?: number;
            /** Format: int64 */
            position: number;
            /** @description As the document names them; 20 at most */
            products: string[];
            /** Format: date-time */
            stated?: string;
            /** @enum {string} */
            status: "not-affected" | "fixed" | "affected" | "under-investigation";
            text?: string;
            /** @description Products that are named by nothing that could be an image or a package; 20 at most */
            unread: string[];
            vulnerability: string;
        };
        Variable: {
            hidden?: boolean;
            name: string;
            value?: string;
        };
        Version: {
            commit?: string;
            go: string;
            version: string;
        };
        Violation: {
            /** @description What a policy in Rego says of it, by column */
            detail?: {
                [key: string]: string;
            };
            /** @description The lowest version of the package that clears the vulnerability */
            fixedVersion?: string;
            /** @description Of the package, as an SPDX expression */
            licence?: string;
            /** @description The remedy likewise */
            mends?: components["schemas"]["Saying"];
            /** @description What breaks the policy */
            message: string;
            /** @description The package as a package URL */
            package?: string;
            /** @description What would mend it */
            remedy: string;
            /** @description The sentences of the message; absent of a policy in Rego */
            says?: components["schemas"]["Saying"][];
            /**
             * @description Of the vulnerability; absent where no source gives one
             * @enum {string}
             */
            severity?: "critical" | "high" | "medium" | "low" | "unspecified";
            vulnerability?: string;
        };
        Vulnerability: {
            environments: string[];
            epss: components["schemas"]["EPSS"] | null;
            /** @description A fix is known for at least one package */
            fixable: boolean;
            id: string;
            /** Format: int64 */
            images: number;
            /**
             * Format: int64
             * @description In lists of one environment, and of what is in use, how many of the packages were seen loaded; missing where run time watches none of them
             */
            inUse?: number;
            kev: components["schemas"]["KEV"] | null;
            /**
             * Format: int64
             * @description Distinct package versions
             */
            packages: number;
            /**
             * Format: double
             * @description Highest CVSS score, 0 without one
             */
            score: number;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /** Format: date-time */
            since: string;
            summary: string;
        };
        VulnerabilityDetail: {
            /** @description Package versions that have it; 500 at most, packages counts all */
            affected: components["schemas"]["AffectedVersion"][];
            /** @description Its other names, those of the advisories among them */
            aliases: string[];
            environments: string[];
            epss: components["schemas"]["EPSS"] | null;
            /** @description A fix is known for at least one package */
            fixable: boolean;
            id: string;
            /** Format: int64 */
            images: number;
            /**
             * Format: int64
             * @description In lists of one environment, and of what is in use, how many of the packages were seen loaded; missing where run time watches none of them
             */
            inUse?: number;
            kev: components["schemas"]["KEV"] | null;
            /**
             * Format: int64
             * @description Distinct package versions
             */
            packages: number;
            /**
             * Format: double
             * @description Highest CVSS score, 0 without one
             */
            score: number;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
            /** Format: date-time */
            since: string;
            /** @description The advisories held that speak of it, by ID */
            sources: components["schemas"]["VulnerabilitySource"][];
            summary: string;
        };
        VulnerabilityHit: {
            id: string;
            /** @description The name that matched: the ID or an alias */
            name: string;
            /** @enum {string} */
            severity: "critical" | "high" | "medium" | "low" | "unspecified";
        };
        VulnerabilityPage: {
            /** @description Part of the list */
            items: components["schemas"]["Vulnerability"][];
            /**
             * Format: int64
             * @description How many vulnerabilities the whole list leaves out because the distribution takes all that is found of them as minor, as was asked for
             */
            minorHidden?: number;
            /** @description Cursor of the next part; absent on the last */
            next?: string;
            /**
             * Format: int64
             * @description How many other vulnerabilities the whole list leaves out as not seen: nothing of them counts in the environment, which takes as not affected what is not seen loaded
             */
            notSeenHidden?: number;
            /**
             * Format: int64
             * @description How many vulnerabilities the whole list leaves out because decisions suppress all that is found of them
             */
            suppressedHidden?: number;
        };
        VulnerabilitySource: {
            /** @description Only of packages that the organisation has */
            affected: components["schemas"]["AffectedRange"][];
            /**
             * Format: int64
             * @description Package versions listed for which it decides
             */
            decides: number;
            id: string;
            /** Format: date-time */
            modified: string;
            /** Format: date-time */
            published?: string;
            /** @description CVSS vectors as published */
            severity: components["schemas"]["SeverityVector"][];
            summary: string;
            /**
             * Format: date-time
             * @description Null unless withdrawn; then it matches nothing
             */
            withdrawn: string | null;
            /** @description The source's own word for the severity */
            word?: string;
        };
        Warning: {
            /** @description What the tag names now, an index or an image; or the newer image. Absent of an unknown registry */
            digest?: string;
            /**
             * @description tag-moved: a tag it is known under names another image now. newer-version: a newer image of its repository is analysed. unknown-registry: it runs under a name that fits none of the organisation's known registries
             * @enum {string}
             */
            kind: "tag-moved" | "newer-version" | "unknown-registry";
            /** @description The tag that moved, the name of the newer image, or the name that fits nothing */
            reference: string;
            /** @description The image that runs */
            running: string;
            /**
             * Format: date-time
             * @description Since when the tag names it; when the newer image was built or, if it does not say, recorded. Absent of an unknown registry
             */
            since?: string;
        };
        Why: {
            /** @description The advisories held about it; 50 at most */
            advisories: string[];
            /** @enum {string} */
            answer: "found" | "suppressed" | "discounted" | "not-affected" | "not-matched" | "not-named" | "not-installed" | "other-ecosystems" | "no-record";
            /** @description In which advisories about it are held, without releases */
            ecosystems: string[];
            image: components["schemas"]["Target"];
            /** @description Packages for which no whole set of advisories is held */
            missingAdvisories: components["schemas"]["MissingAdvisories"][];
            /** Format: int64 */
            moreNotInstalled?: number;
            /** Format: int64 */
            morePackages?: number;
            /** @description What was asked about */
            name: string;
            /** @description Packages of the image's ecosystems that advisories about it speak of and the image has not; 50 at most */
            notInstalled: components["schemas"]["RecordedPackage"][];
            /** @description The package that was asked about; absent for all */
            package?: string;
            /** @description Packages of the image that advisories about it speak of, or that were asked about, those that have it first; 200 at most */
            packages: components["schemas"]["PackageReason"][];
            /** @description Parts of the image that could not be analysed: packages in them are not known */
            problems: components["schemas"]["Problem"][];
            /** @description What that is known as, by the advisories held; 20 at most */
            vulnerabilities: string[];
        };
        WhyRequest: {
            /** @description Take in-use data from this environment only */
            environment?: string;
            image: components["schemas"]["Target"];
            /** @description Only this package, by its name or that of its source package */
            package?: string;
            packages: components["schemas"]["Package"][];
            /** @description A CVE or any other name, such as GHSA-… or DSA-… */
            vulnerability: string;
        };
        Workload: {
            cluster: string;
            container: string;
            integration: string;
            kind: string;
            name: string;
            namespace: string;
        };
        WorkloadHit: {
            cluster: string;
            environment: string;
            kind: string;
            name: string;
            namespace: string;
        };
        Written: {
            /** @description The columns of what it finds, in order */
            columns: string[];
            /** @description By which it is configured */
            name: string;
            /** @description The title where it is not met */
            notMet: string;
            /** @enum {string} */
            resultType: "vulnerability" | "license" | "boolean" | "generic";
            /** @description It asks how an image runs, and says nothing of one that runs nowhere */
            runtime: boolean;
            title: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "change-account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountSession"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "end-session": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-advisory-status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdvisoryStatus"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "upload-advisories": {
        parameters: {
            query?: {
                /** @description OSV ecosystem the file is the whole of, such as npm or Debian:12; absent for a file of any records */
                ecosystem?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/zip": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Result"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-advisory-bundle": {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the bundle that the caller has */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bundle */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description It is the one that the caller has */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "import-advisories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Import-advisoriesRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Result"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-advisory": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description ID of an advisory, or a name that advisories speak of, such as a CVE */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedAdvisories"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "retry-advisory-update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FeedName"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-advisory-updates": {
        parameters: {
            query?: {
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
                /** @description Only of this feed; osv needs an ecosystem */
                feed?: "osv" | "kev" | "epss" | "bundle";
                /** @description Only of this ecosystem of OSV */
                ecosystem?: string;
                /** @description Only from then on */
                since?: string;
                /** @description Only until then */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageAdvisoryUpdate"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-analyses": {
        parameters: {
            query?: {
                /** @description Only those in this state */
                state?: "queued" | "running" | "done" | "failed";
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageAnalysis"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "request-analysis": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnalysisRequest"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Analysis"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-analysis": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Analysis"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "retry-analysis": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Analysis"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-analysis-lanes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lane"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-audit": {
        parameters: {
            query?: {
                /** @description Only what was done under exactly this name */
                actor?: string;
                /** @description Only this action; with a dot at its end, all that begin so: token. */
                action?: string;
                /** @description Only from then on */
                from?: string;
                /** @description Only before then */
                until?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageAuditEntry"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-audit": {
        parameters: {
            query?: {
                /** @description Only what was done under exactly this name */
                actor?: string;
                /** @description Only this action; with a dot at its end, all that begin so: token. */
                action?: string;
                /** @description Only from then on */
                from?: string;
                /** @description Only before then */
                until?: string;
                format?: "csv" | "ndjson";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-base-images": {
        parameters: {
            query?: {
                /** @description Only what is built upon by something that runs in this environment */
                environment?: string;
                /** @description Part of the name or of the digest, in either case */
                q?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageBaseImage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "compare-images": {
        parameters: {
            query: {
                /** @description The image after: any digest of it, at least twelve digits of one, or a name */
                image: string;
                /** @description The image before, named in the same way */
                to?: string;
                /** @description Instead: the images of its repository that run there */
                toEnvironment?: string;
                /** @description Instead: the newest analysed image of its repository and platform beside the image itself */
                toLatest?: boolean;
                /** @description With toEnvironment: what ran there then, with what is known today */
                at?: string;
                /** @description Leave out of both sides what the distribution takes as minor; minorHidden of each counts it */
                ignoreMinor?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comparison"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "compare-environments": {
        parameters: {
            query: {
                /** @description The environment after, such as staging */
                environment: string;
                /** @description The environment before, such as production */
                toEnvironment: string;
                /** @description What ran in the environment before then, with what is known today; the two may then be the same */
                at?: string;
                /** @description Only repositories in these states, separated by commas */
                state?: ("same" | "newer" | "older" | "different" | "only-before" | "only-after")[];
                /** @description Leave out of all counts what the distribution takes as minor; minorHidden counts it */
                ignoreMinor?: boolean;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentComparison"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "compare-environment-policies": {
        parameters: {
            query: {
                /** @description The environment after, such as staging */
                environment: string;
                /** @description The environment before, such as production: its policies are asked about both sides */
                toEnvironment: string;
                /** @description What ran in toEnvironment then, with what is known today */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComparedStandings"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoverageReport"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-gaps": {
        parameters: {
            query?: {
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
                environment?: string;
                /** @description With environment: what ran there at that time, with what is known today, but for warnings */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageGap"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-decision-settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionSettings"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "change-decision-settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecisionSettingsChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionSettings"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-deleted-environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedEnvironment"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "deliver-image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Delivery"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-delivered-tags": {
        parameters: {
            query: {
                /** @description As images are named, without a tag */
                repository: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageTagInterval"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "deliver-tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Tags"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-environments": {
        parameters: {
            query?: {
                /** @description Also those in which nothing analysed runs */
                empty?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentSummary"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-environment": {
        parameters: {
            query?: {
                /** @description What it was at that time, with what is known today */
                at?: string;
                /** @description What the summary counts: the findings of each image, summed up; those of each package version once; or each vulnerability once, by its worst severity. Of a past time it counts images */
                counting?: "images" | "packages" | "vulnerabilities";
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentSummary"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "delete-environment": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "update-environment": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnvironmentChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentSummary"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-environment-exposure": {
        parameters: {
            query?: {
                /** @description How many days to look at, today included */
                days?: number;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExposureReport"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-environment-exposures": {
        parameters: {
            query?: {
                /** @description Only those that last and count, those that last too long, those that last and are suppressed by decisions, those that last and are left out as not seen, or those that are over */
                state?: "open" | "overdue" | "suppressed" | "not-seen" | "closed";
                /** @description Only these severities, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageExposure"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-environment-images": {
        parameters: {
            query?: {
                /** @description Part of the name, of a digest of manifest or configuration, or of the distribution; ASCII letters in either case */
                q?: string;
                /** @description What ran at that time, with what is known today */
                at?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageRunningImage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "replace-environment-images": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplaceRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Assigned"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "assign-environment-images": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssignRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Assigned"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "unassign-environment-images": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssignRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unassigned"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-environment-occurrences": {
        parameters: {
            query?: {
                /** @description Words, each part of the name, kind, container, namespace or cluster of the workload or of the name of the image */
                q?: string;
                /** @description Only in this namespace */
                namespace?: string;
                /** @description Only in this cluster */
                cluster?: string;
                /** @description Only what runs now */
                running?: boolean;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOccurrence"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "check-environment-registries": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryCheck"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-environment-vex": {
        parameters: {
            query?: {
                /** @description Who states it, as name or address; default the organisation's name or, where nobody named it, the server's address */
                author?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenVEX document */
            200: {
                headers: {
                    "Content-Disposition"?: string;
                    "Content-Type"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description There is nothing to state: a document without statements is none */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "evaluate-packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EvaluationRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CVEs"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "recommend-for-packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Sent"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recommendations"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "explain-packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WhyRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Why"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "listen-events": {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last event received */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-exceptions": {
        parameters: {
            query?: {
                /** @description Only these, separated by commas */
                state?: ("waiting" | "active" | "expired" | "revoked")[];
                type?: "accepted-risk" | "false-positive";
                /** @description Part of the vulnerability, of the text or of the author; ASCII letters in either case */
                q?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageException"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-exception": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExceptionRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exception"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "preview-exception": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExceptionRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExceptionPreview"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-exception": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exception"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "approve-exception": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exception"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "revoke-exception": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exception"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-advisory-updates": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only of this feed; osv needs an ecosystem */
                feed?: "osv" | "kev" | "epss" | "bundle";
                /** @description Only of this ecosystem of OSV */
                ecosystem?: string;
                /** @description Only from then on */
                since?: string;
                /** @description Only until then */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-analyses": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only those in this state */
                state?: "queued" | "running" | "done" | "failed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-base-images": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only what is built upon by something that runs in this environment */
                environment?: string;
                /** @description Part of the name or of the digest, in either case */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-compared-findings": {
        parameters: {
            query: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description The image after: any digest of it, at least twelve digits of one, or a name */
                image: string;
                /** @description The image before, named in the same way */
                to?: string;
                /** @description Instead: the images of its repository that run there */
                toEnvironment?: string;
                /** @description Instead: the newest analysed image of its repository and platform beside the image itself */
                toLatest?: boolean;
                /** @description With toEnvironment: what ran there then, with what is known today */
                at?: string;
                /** @description Leave out of both sides what the distribution takes as minor; minorHidden of each counts it */
                ignoreMinor?: boolean;
                /** @description Only what became this, separated by commas */
                change?: ("new" | "fixed" | "unchanged")[];
                /** @description Only these severities, before or after, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
                /** @description Part of the identifier, of another of its names, of the package or of its version; letters in either case */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-compared-environments": {
        parameters: {
            query: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description The environment after, such as staging */
                environment: string;
                /** @description The environment before, such as production */
                toEnvironment: string;
                /** @description What ran in the environment before then, with what is known today; the two may then be the same */
                at?: string;
                /** @description Only repositories in these states, separated by commas */
                state?: ("same" | "newer" | "older" | "different" | "only-before" | "only-after")[];
                /** @description Leave out of all counts what the distribution takes as minor; minorHidden counts it */
                ignoreMinor?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-compared-packages": {
        parameters: {
            query: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description The image after: any digest of it, at least twelve digits of one, or a name */
                image: string;
                /** @description The image before, named in the same way */
                to?: string;
                /** @description Instead: the images of its repository that run there */
                toEnvironment?: string;
                /** @description Instead: the newest analysed image of its repository and platform beside the image itself */
                toLatest?: boolean;
                /** @description With toEnvironment: what ran there then, with what is known today */
                at?: string;
                /** @description Leave out of both sides what the distribution takes as minor; minorHidden of each counts it */
                ignoreMinor?: boolean;
                /** @description Those that stay as they are as well */
                unchanged?: boolean;
                /** @description Part of the name or of a version; letters in either case */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-gaps": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only of images that run there */
                environment?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-environments": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Also those in which nothing analysed runs */
                empty?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-environment-exposures": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only those that last and count, those that last too long, those that last and are suppressed by decisions, those that last and are left out as not seen, or those that are over */
                state?: "open" | "overdue" | "suppressed" | "not-seen" | "closed";
                /** @description Only these severities, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-environment-images": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Part of the name, of a digest of manifest or configuration, or of the distribution; ASCII letters in either case */
                q?: string;
                /** @description What ran at that time, with what is known today */
                at?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-environment-occurrences": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Words, each part of the name, kind, container, namespace or cluster of the workload or of the name of the image */
                q?: string;
                /** @description Only in this namespace */
                namespace?: string;
                /** @description Only in this cluster */
                cluster?: string;
                /** @description Only what runs now */
                running?: boolean;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-exceptions": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only these, separated by commas */
                state?: ("waiting" | "active" | "expired" | "revoked")[];
                type?: "accepted-risk" | "false-positive";
                /** @description Part of the vulnerability, of the text or of the author; ASCII letters in either case */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-finding-changes": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only in packages of images that run there */
                environment?: string;
                /** @description Only from then on */
                since?: string;
                /** @description Only until then */
                until?: string;
                /** @description Only what was found, or only what no longer */
                change?: "found" | "gone";
                /** @description Only for these causes, separated by commas */
                cause?: ("package new" | "advisory published" | "advisory changed" | "advisory withdrawn" | "rule changed")[];
                /** @description Only these severities, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-images": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Part of the name, of a digest of manifest or configuration, or of the distribution; ASCII letters in either case */
                q?: string;
                /** @description Only images that run there */
                environment?: string;
                /** @description Only images that a tag of this repository names or named, or that were asked for by it; as images are named, without a tag */
                repository?: string;
                sort?: "name" | "newest";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-image-findings": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only of images that run there */
                environment?: string;
                /** @description Only these severities, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
                /** @description Only those of packages of which run time says this */
                use?: "in-use" | "not-seen" | "not-observed";
                /** @description Part of the identifier, of another of its names, of the package or of its source; letters in either case */
                q?: string;
                /** @description Only those of which a fix is known */
                fixable?: boolean;
                /** @description Only those in CISA's catalogue of known exploited vulnerabilities */
                kev?: boolean;
                /** @description Those that do not count in the environment, in place of those that do */
                discounted?: boolean;
                /** @description Those that decisions suppress, in place of those that count */
                suppressed?: boolean;
                /** @description Only what lies in the layer with this diff ID */
                layer?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-image-occurrences": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-image-packages": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only of images that run there */
                environment?: string;
                /** @description Only packages of this purl type */
                type?: string;
                /** @description Only packages of which run time says this */
                use?: "in-use" | "not-seen" | "not-observed";
                /** @description Part of the name, of the source, of the purl or of a licence; letters in either case */
                q?: string;
                /** @description Only what lies in the layer with this diff ID */
                layer?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-image-policies": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only images that run there */
                environment?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-integrations": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only those that feed this environment */
                environment?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-packages": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only of images that run there */
                environment?: string;
                /** @description Only of this purl type */
                type?: string;
                /** @description Part of the name; ASCII letters in either case */
                q?: string;
                /** @description Only with vulnerabilities */
                vulnerable?: boolean;
                /** @description With vulnerable, or by the worst: those as well of which decisions suppress all that is found; without it suppressedHidden counts them */
                suppressed?: boolean;
                /** @description With vulnerable, or by the worst: those as well of which nothing counts in the environment, as it takes as not affected what is not seen loaded; without it notSeenHidden counts them */
                notSeen?: boolean;
                /** @description Only those of which run time saw a version loaded, in what runs or in what runs in the environment; with vulnerable, a version that has vulnerabilities */
                inUse?: boolean;
                /** @description worst lists only packages with vulnerabilities */
                sort?: "name" | "worst";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-package-images": {
        parameters: {
            query: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description As lists write it: @scope/name, group:artifact */
                name: string;
                /** @description Only of images that run there */
                environment?: string;
                /** @description Only this version */
                version?: string;
            };
            header?: never;
            path: {
                /** @description purl type: deb, npm, golang … */
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-people": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-policies": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only images that run there */
                environment?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-policy-images": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only images that run there */
                environment?: string;
                /** @description Only these, separated by commas */
                status?: ("compliant" | "non-compliant" | "no-data")[];
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-policy-changes": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only images that run there */
                environment?: string;
                /** @description Only of this one */
                policy?: string;
                /** @description Only after this time */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-registries": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-repositories": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only of this connected registry */
                registry?: string;
                /** @description Only those in this state */
                state?: "enabled" | "disabled";
                /** @description Part of the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-repository-tags": {
        parameters: {
            query: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description As images are named, without a tag, such as registry.example.com/shop/web */
                name: string;
                /** @description Also what they named before */
                past?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-tokens": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-vulnerabilities": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only those of images that run there */
                environment?: string;
                /** @description Only these severities, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
                /** @description Part of the identifier, of another of its names or of a summary; ASCII letters in either case */
                q?: string;
                /** @description Only those of which a fix is known for one of the packages */
                fixable?: boolean;
                /** @description Only those in CISA's catalogue of known exploited vulnerabilities */
                kev?: boolean;
                /** @description Only those in a package that run time saw loaded, in what runs or in what runs in the environment; with severity, of that severity there */
                inUse?: boolean;
                /** @description Leave out what the distribution takes as minor; minorHidden counts it */
                ignoreMinor?: boolean;
                /** @description List as well what decisions suppress wherever it is found; without it, suppressedHidden counts that */
                suppressed?: boolean;
                /** @description List as well what does not count in the environment, as it takes as not affected what is not seen loaded; without it, notSeenHidden counts that */
                notSeen?: boolean;
                /** @description Only those with at least this EPSS score; 0 is all */
                minEpss?: number;
                /** @description By urgency: first what is in use, then what is in CISA's catalogue, then by EPSS, then the worst */
                sort?: "worst" | "urgency";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-vulnerability-images": {
        parameters: {
            query?: {
                /** @description csv, or ndjson: a line of JSON for each row, as the list has it */
                format?: "csv" | "ndjson";
                /** @description Only of images that run there */
                environment?: string;
            };
            header?: never;
            path: {
                /** @description The CVE or any alias, such as GHSA-… or DSA-… */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, streamed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-exposure": {
        parameters: {
            query?: {
                /** @description How many days to look at, today included */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExposureReport"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-finding-changes": {
        parameters: {
            query?: {
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
                /** @description Only in packages of images that run there */
                environment?: string;
                /** @description Only from then on */
                since?: string;
                /** @description Only until then */
                until?: string;
                /** @description Only what was found, or only what no longer */
                change?: "found" | "gone";
                /** @description Only for these causes, separated by commas */
                cause?: ("package new" | "advisory published" | "advisory changed" | "advisory withdrawn" | "rule changed")[];
                /** @description Only these severities, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageFindingEvent"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "call-registry-hook": {
        parameters: {
            query?: {
                /** @description SECRET, where no header can be set */
                secret?: string;
            };
            header?: {
                /** @description Bearer SECRET, Basic with the secret as password, or the secret alone */
                Authorization?: string;
                /** @description SECRET, where Authorization cannot be set */
                "X-Crowsnest-Hook"?: string;
                "X-Hub-Signature-256"?: string;
                "X-JFrog-Event-Auth"?: string;
                "X-Nexus-Webhook-Signature"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "call-hook": {
        parameters: {
            query?: never;
            header?: {
                /** @description Bearer SECRET */
                Authorization?: string;
                /** @description SECRET, where Authorization cannot be set */
                "X-Crowsnest-Hook"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-images": {
        parameters: {
            query?: {
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
                /** @description Part of the name, of a digest of manifest or configuration, or of the distribution; ASCII letters in either case */
                q?: string;
                /** @description Only images that run there */
                environment?: string;
                /** @description Only images that a tag of this repository names or named, or that were asked for by it; as images are named, without a tag */
                repository?: string;
                sort?: "name" | "newest";
                /** @description Only the image last asked for under exactly this name */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageImage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Image"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-image-attestations": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attestations"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-attestation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
                /** @description Digest of the blob of the attestation, as the list has it */
                attestation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement */
            200: {
                headers: {
                    "Content-Disposition"?: string;
                    "Content-Type"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-decisions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageDecision"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "find-file-owners": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Any digest of the image, twelve digits of one or more, or its name */
                digest: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FileOwnersRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileOwner"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-findings": {
        parameters: {
            query?: {
                /** @description Take in-use data from this environment only */
                environment?: string;
                /** @description Leave out what the distribution takes as minor; minorHidden counts it */
                ignoreMinor?: boolean;
                /** @description Say of each why it was found */
                explain?: boolean;
                /** @description Suppress what is decided for this name of the image; without it, what is decided for each of its names */
                reference?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image, twelve digits of one or more, or its name */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CVEs"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-in-use": {
        parameters: {
            query?: {
                /** @description Only of images that run there */
                environment?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageUse"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-occurrences": {
        parameters: {
            query?: {
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOccurrence"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-packages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SBOM"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-policies": {
        parameters: {
            query?: {
                /** @description What they say of the image there; without one, of the image by itself */
                environment?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImagePolicies"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "try-policies": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrialRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trial"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-image-recommendations": {
        parameters: {
            query?: {
                /** @description Take in-use data, and what does not count, from this environment only */
                environment?: string;
                /** @description Leave out what is decided for this name of the image; without it, what is decided for each of its names */
                reference?: string;
                /** @description Tag of the base, where it is another one than is known */
                tag?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image, twelve digits of one or more, or its name */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recommendations"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "export-image-sbom": {
        parameters: {
            query?: {
                format?: "spdx" | "cyclonedx";
            };
            header?: never;
            path: {
                /** @description Any digest of the image (manifest, configuration or index), or at least twelve digits of one */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    "Content-Disposition"?: string;
                    "Content-Type"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/spdx+json": {
                        [key: string]: unknown;
                    };
                    "application/vnd.cyclonedx+json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "explain-image": {
        parameters: {
            query: {
                /** @description A CVE or any other name, such as GHSA-… or DSA-… */
                vulnerability: string;
                /** @description Only this package, by its name or that of its source package */
                package?: string;
                /** @description Take in-use data from this environment only */
                environment?: string;
                /** @description Suppress what is decided for this name of the image; without it, what is decided for each of its names */
                reference?: string;
            };
            header?: never;
            path: {
                /** @description Any digest of the image, twelve digits of one or more, or its name */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Why"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-integrations": {
        parameters: {
            query?: {
                /** @description Only those that feed this environment */
                environment?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-integration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntegrationRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-integration": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "delete-integration": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "update-integration": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntegrationChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-integration-hook": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hook"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "delete-integration-hook": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-integration-impact": {
        parameters: {
            query?: {
                /** @description Where it would be moved to; with no change at all, it would be deleted */
                environment?: string;
                /** @description Which cluster it would be pointed at */
                cluster?: string;
                /** @description The region of that cluster */
                region?: string;
                /** @description The address of that cluster */
                url?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Impact"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "sync-integration": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "invite-person": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "revoke-invitation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "inspect-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkSecret"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Link"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "redeem-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkRedemption"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-organisations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-organisation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganisationRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "rename-organisation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganisationRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-overview": {
        parameters: {
            query?: {
                /** @description Only what runs there */
                environment?: string;
                /** @description Count as new what happened since; default a day ago */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-packages": {
        parameters: {
            query?: {
                /** @description Only of images that run there */
                environment?: string;
                /** @description Only of this purl type */
                type?: string;
                /** @description Part of the name; ASCII letters in either case */
                q?: string;
                /** @description Only with vulnerabilities */
                vulnerable?: boolean;
                /** @description With vulnerable, or by the worst: those as well of which decisions suppress all that is found; without it suppressedHidden counts them */
                suppressed?: boolean;
                /** @description With vulnerable, or by the worst: those as well of which nothing counts in the environment, as it takes as not affected what is not seen loaded; without it notSeenHidden counts them */
                notSeen?: boolean;
                /** @description Only those of which run time saw a version loaded, in what runs or in what runs in the environment; with vulnerable, a version that has vulnerabilities */
                inUse?: boolean;
                /** @description worst lists only packages with vulnerabilities */
                sort?: "name" | "worst";
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagePage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-package": {
        parameters: {
            query: {
                /** @description As lists write it: @scope/name, group:artifact */
                name: string;
            };
            header?: never;
            path: {
                /** @description purl type: deb, npm, golang … */
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackageDetail"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-package-images": {
        parameters: {
            query: {
                /** @description As lists write it: @scope/name, group:artifact */
                name: string;
                /** @description Only of images that run there */
                environment?: string;
                /** @description Only this version */
                version?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description purl type: deb, npm, golang … */
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageHolder"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "remove-person": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "change-person": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneTimeLink"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-policies": {
        parameters: {
            query?: {
                /** @description Only images that run there */
                environment?: string;
                /** @description Also count what they said at this time */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyList"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-policy": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "delete-policy": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "change-policy": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-policy-images": {
        parameters: {
            query?: {
                /** @description Only images that run there */
                environment?: string;
                /** @description Only these, separated by commas */
                status?: ("compliant" | "non-compliant" | "no-data")[];
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PagePolicyImage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-policy-trend": {
        parameters: {
            query?: {
                /** @description Only images that run there */
                environment?: string;
                /** @description How many days to look at, today included */
                days?: number;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyDay"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-policy-changes": {
        parameters: {
            query?: {
                /** @description Only images that run there */
                environment?: string;
                /** @description Only of this one */
                policy?: string;
                /** @description Only after this time */
                since?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PagePolicyChanged"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "check-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyCheck"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedPolicy"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-policy-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyType"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryIntegration"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "connect-registry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegistryIntegrationRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryIntegration"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "test-registry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegistryConnection"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryTrial"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-registry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryIntegration"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "disconnect-registry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "change-registry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegistryIntegrationChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryIntegration"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-registry-hook": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hook"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "delete-registry-hook": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-registry-impact": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryImpact"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-registry-kinds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryKind"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-repositories": {
        parameters: {
            query?: {
                /** @description Only of this connected registry */
                registry?: string;
                /** @description Only those in this state */
                state?: "enabled" | "disabled";
                /** @description Part of the name */
                q?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageRepository"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "start-repository-backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RepositoryScope"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "preview-repository-backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RepositoryScope"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "disable-repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RepositoryScope"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepositoryChange"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "enable-repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RepositoryScope"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepositoryChange"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-repository": {
        parameters: {
            query: {
                /** @description As images are named, without a tag, such as registry.example.com/shop/web */
                name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownRepository"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-repository-tags": {
        parameters: {
            query: {
                /** @description As images are named, without a tag, such as registry.example.com/shop/web */
                name: string;
                /** @description Also what they named before */
                past?: boolean;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageTagInterval"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: {
                /** @description Part of the name of an image, a package or an environment; beginning of a digest, of a vulnerability's name, of a workload or a namespace */
                q?: string;
                /** @description Hits of each kind */
                each?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResult"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOut"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "switch-organisation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganisationChoice"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-known-registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownRegistries"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "set-known-registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KnownRegistries"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownRegistries"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-remediation-targets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Targets"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "set-remediation-targets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Targets"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Targets"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retention"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "update-retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetentionChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retention"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "preview-retention": {
        parameters: {
            query?: {
                /** @description Days, 0 for never; the default is what is set */
                images?: number;
                analyses?: number;
                audit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionPreview"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-retention-runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionRun"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "read-share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareSecret"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedVulnerability"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-shares": {
        parameters: {
            query?: {
                /** @description Only of this one, by its ID */
                vulnerability?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Share"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Share"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "revoke-share": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInWays"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Storage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-sysdig-clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClustersRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clusters"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-sysdig-regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Region"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "exchange-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExchangeRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExchangedToken"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "revoke-token": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-trusts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trust"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "create-trust": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrustRequest"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trust"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "delete-trust": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-vex-documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VEXDocument"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "import-vex-document": {
        parameters: {
            query?: {
                /** @description Of the file */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VEXDocument"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-vex-document": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VEXDocument"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "delete-vex-document": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-vex-statements": {
        parameters: {
            query?: {
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageVEXStatement"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-vulnerabilities": {
        parameters: {
            query?: {
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
                /** @description Only those of images that run there */
                environment?: string;
                /** @description Only these severities, separated by commas */
                severity?: ("critical" | "high" | "medium" | "low" | "unspecified")[];
                /** @description Part of the identifier, of another of its names or of a summary; ASCII letters in either case */
                q?: string;
                /** @description Only those of which a fix is known for one of the packages */
                fixable?: boolean;
                /** @description Only those in CISA's catalogue of known exploited vulnerabilities */
                kev?: boolean;
                /** @description Only those in a package that run time saw loaded, in what runs or in what runs in the environment; with severity, of that severity there */
                inUse?: boolean;
                /** @description Leave out what the distribution takes as minor; minorHidden counts it */
                ignoreMinor?: boolean;
                /** @description List as well what decisions suppress wherever it is found; without it, suppressedHidden counts that */
                suppressed?: boolean;
                /** @description List as well what does not count in the environment, as it takes as not affected what is not seen loaded; without it, notSeenHidden counts that */
                notSeen?: boolean;
                /** @description Only those with at least this EPSS score; 0 is all */
                minEpss?: number;
                /** @description By urgency: first what is in use, then what is in CISA's catalogue, then by EPSS, then the worst */
                sort?: "worst" | "urgency";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VulnerabilityPage"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-vulnerability": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The CVE or any alias, such as GHSA-… or DSA-… */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VulnerabilityDetail"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-vulnerability-exposure": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentExposure"][];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "list-vulnerability-images": {
        parameters: {
            query?: {
                /** @description Only of images that run there */
                environment?: string;
                /** @description Rows per page */
                limit?: number;
                /** @description The next of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The CVE or any alias, such as GHSA-… or DSA-… */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageHolder"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
    "get-metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In Prometheus's text format */
            200: {
                headers: {
                    "Content-Type"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ErrorModel"];
                };
            };
        };
    };
}
