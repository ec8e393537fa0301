// Which collections a request is about, whose schema it brings along.
#include "server/asked_collections.h"

#include "gmock/gmock.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "tests/server/releases_fixture.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;

class AskedCollectionsTest : public ReleaseServer {};

TEST_F(AskedCollectionsTest, ASchemaIsOfTheCollectionThatItNames) {
  v1::PublishCollectionRequest request;
  *request.mutable_descriptor_set() = testing::DescriptorSetFromText(CollectionText());
  request.set_file_name(testing::kCollectionFile);
  EXPECT_THAT(AskedCollections(request, *state_), ElementsAre("test"));
}

// The compiler would read them after what is there, so that the schema were one of "another".
TEST_F(AskedCollectionsTest, ASchemaWithOptionsThatAreYetToBeReadIsNobodys) {
  v1::PublishCollectionRequest request;
  *request.mutable_descriptor_set() = testing::DescriptorSetFromText(CollectionText());
  request.set_file_name(testing::kCollectionFile);
  for (auto& file : *request.mutable_descriptor_set()->mutable_file()) {
    if (file.name() != testing::kCollectionFile) continue;
    auto* option = file.mutable_options()->add_uninterpreted_option();
    auto* extension = option->add_name();
    extension->set_name_part("quartermaster.schema.v1.collection");
    extension->set_is_extension(true);
    auto* field = option->add_name();
    field->set_name_part("id");
    field->set_is_extension(false);
    option->set_string_value("another");
  }
  EXPECT_THAT(AskedCollections(request, *state_), ElementsAre(""));
}

}  // namespace
}  // namespace quartermaster::server
