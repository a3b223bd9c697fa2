"""The way through the client that most programs take, for both clients."""

from akool_faceswap import JobStatus

NEW = "https://pictures.example/new.jpg"
OLD = "https://pictures.example/old.jpg"
IMAGE = "https://pictures.example/group.jpg"


def test_a_swap_from_credit_to_file(both, vendor, tmp_path):
    async def scenario(client):
        assert await client.credit() == 12.5
        job = await client.swap_image(
            "https://a.example/new.jpg", "https://a.example/old.jpg", IMAGE
        )
        seen = []
        result = await job.wait(on_update=lambda state: seen.append(state.status))
        assert seen == [JobStatus.IN_QUEUE, JobStatus.PROCESSING, JobStatus.SUCCESS]
        path = await result.save(tmp_path / "swapped.jpg")
        await job.delete()
        return path

    assert both.run(vendor, scenario).read_bytes() == vendor.file
    assert vendor.posts == 1
    assert vendor.body == {"_ids": vendor.looks.most_common(1)[0][0]}
