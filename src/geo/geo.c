typedef int wf_geo_room;  // until the room has its first source file
