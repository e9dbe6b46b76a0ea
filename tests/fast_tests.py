"""Which tests `make check` runs: of every package, together within a minute on two cores."""

FAST = (  # files of `make check`, of every package, together within a minute
    "cli/test_completion.py", "commands/test_compare.py", "commands/test_summary.py", "compat/test_fused_norms.py",
    "data/test_archives.py", "data/test_arrays.py", "data/test_fetching.py", "data/test_frame.py",
    "data/test_groups.py", "data/test_near_copies.py", "data/test_regular_files.py", "data/test_safe_csv.py",
    "data/test_sampling.py", "data/test_side_columns.py", "data/test_splitting.py", "engines/test_decoded_cache.py",
    "engines/test_feature_cache.py", "evaluation/test_long_tails.py", "evaluation/test_metrics.py",
    "evaluation/test_notebook_views.py", "evaluation/test_predictions.py", "exporting/test_web_format.py",
    "inspection/test_label_errors.py", "inspection/test_series.py", "interpretation/test_heat_maps.py",
    "kinds/test_dna.py", "kinds/test_idx.py", "kinds/test_image_folder.py", "kinds/test_kinds.py",
    "kinds/test_picture_tables.py", "kinds/test_signals.py", "kinds/test_table.py", "kinds/test_text.py",
    "kinds/test_voxels.py", "kinds/test_wav.py", "layers/test_maxout.py", "layers/test_standardise_signal.py",
    "layers/test_views.py", "model/test_known.py", "model/test_two_inputs.py", "nets/test_blocks.py",
    "pretrained/test_folding.py", "pretrained/test_weights_folder.py", "processes/test_parent.py",
    "recipe/test_editor_schema.py", "recipe/test_loading_recipes.py", "recipe/test_net_arguments.py",
    "recipe/test_packaged.py", "recipe/test_recipe_fields.py", "recipe/test_space.py", "report/test_hostile_words.py",
    "report/test_repeatability.py", "samples/test_plain_pictures.py", "search/test_oracles.py",
    "serving/test_service.py", "studio/test_studio_door.py", "style/test_painting.py", "tasks/test_thresholds.py",
    "tracking/test_lookup.py", "training/test_meters.py", "training/test_state_file.py",
    "test_catalog.py", "test_dependencies_page.py", "test_habits.py", "test_house.py", "test_notebooks.py",
    "test_recipes_page.py", "test_redaction.py", "test_release.py", "test_security_page.py", "test_site.py",
)  # fmt: skip
# tests of these files that take seconds, or that `make check` and `make site` do themselves
SLOWER = (
    "test_another_backbone_takes_its_weights_from_a_file", "test_colours_are_kept_on_request",
    "test_ctrl_c_saves_what_is_there", "test_less_strength_keeps_more_of_the_content", "test_runs_are_completed",
    "test_the_command_paints_a_file_from_two_styles", "test_the_site_is_built_without_a_warning",
    "test_what_is_typed_stays_typed",
)  # fmt: skip
